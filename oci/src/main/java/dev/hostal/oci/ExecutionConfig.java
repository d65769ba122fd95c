package dev.hostal.oci;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The `config` member of an image config: how a container of the image is run when nothing else is said.
/// Source: OCI image-spec, config.md, "config".
///
/// @param user name or number, optionally `:group`; empty for root
/// @param entrypoint first part of the command line
/// @param cmd the rest of the command line, or all of it
/// @param env `NAME=value` each
/// @param workingDir empty for `/`
/// @param stopSignal such as `SIGTERM`; empty where the image does not say
/// @param exposedPorts such as `80/tcp`
/// @param volumes paths whose content is kept apart
/// @param healthcheck the JSON object of docker's extension; empty where there is none
public record ExecutionConfig(
        String user,
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        String workingDir,
        String stopSignal,
        Map<String, String> labels,
        Set<String> exposedPorts,
        Set<String> volumes,
        String healthcheck) {
    public static final ExecutionConfig EMPTY = new ExecutionConfig(
            "", List.of(), List.of(), List.of(), "", "", Map.of(), Set.of(), Set.of());

    /// One without a health test.
    public ExecutionConfig(String user, List<String> entrypoint, List<String> cmd, List<String> env, String workingDir,
            String stopSignal, Map<String, String> labels, Set<String> exposedPorts, Set<String> volumes) {
        this(user, entrypoint, cmd, env, workingDir, stopSignal, labels, exposedPorts, volumes, "");
    }

    public ExecutionConfig {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
        exposedPorts = Set.copyOf(exposedPorts);
        volumes = Set.copyOf(volumes);
    }

    public ExecutionConfig withCmd(String... words) {
        return new ExecutionConfig(user, entrypoint, List.of(words), env, workingDir, stopSignal, labels,
                exposedPorts, volumes, healthcheck);
    }

    public ExecutionConfig withEnv(String... variables) {
        return new ExecutionConfig(user, entrypoint, cmd, List.of(variables), workingDir, stopSignal, labels,
                exposedPorts, volumes, healthcheck);
    }

    static ExecutionConfig from(JsonObject json) {
        return new ExecutionConfig(
                json.findText("User").orElse(""),
                json.texts("Entrypoint"),
                json.texts("Cmd"),
                json.texts("Env"),
                json.findText("WorkingDir").orElse(""),
                json.findText("StopSignal").orElse(""),
                json.textMap("Labels"),
                names(json, "ExposedPorts"),
                names(json, "Volumes"),
                json.findObject("Healthcheck").map(JsonObject::toText).orElse(""));
    }

    JsonObject toJson() {
        var json = new JsonObject();
        if (!user.isEmpty()) json.put("User", user);
        if (!exposedPorts.isEmpty()) json.put("ExposedPorts", set(exposedPorts));
        if (!env.isEmpty()) json.putTexts("Env", env);
        if (!entrypoint.isEmpty()) json.putTexts("Entrypoint", entrypoint);
        if (!cmd.isEmpty()) json.putTexts("Cmd", cmd);
        if (!volumes.isEmpty()) json.put("Volumes", set(volumes));
        if (!workingDir.isEmpty()) json.put("WorkingDir", workingDir);
        if (!labels.isEmpty()) json.putTexts("Labels", new TreeMap<>(labels));
        if (!stopSignal.isEmpty()) json.put("StopSignal", stopSignal);
        if (!healthcheck.isEmpty()) json.put("Healthcheck", JsonObject.parse(healthcheck));
        return json;
    }

    // A set of Go is an object whose members are empty objects.
    private static Set<String> names(JsonObject json, String member) {
        return json.findObject(member).map(object -> object.members().keySet()).orElse(Set.of());
    }

    private static JsonObject set(Set<String> names) {
        var json = new JsonObject();
        new TreeSet<>(names).forEach(name -> json.put(name, new JsonObject()));
        return json;
    }
}
