package dev.hostal.oci.dockerfile;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/// Instructions of a Dockerfile that change an image's configuration without building anything. Source: docker commit,
/// docker import, `--change`.
public record ConfigChanges(List<Dockerfile.Step> steps) {
    public ConfigChanges {
        steps = List.copyOf(steps);
    }

    /// @param lines an instruction each
    /// @throws DockerfileException one of them is none
    /// @throws IllegalArgumentException one of them is none of the configuration alone
    public static ConfigChanges parse(List<String> lines) {
        if (lines.isEmpty()) return new ConfigChanges(List.of());
        var steps = Dockerfile.parse("FROM scratch\n" + String.join("\n", lines) + "\n").steps();
        for (var step : steps.subList(1, steps.size())) {
            apply(step, new JsonObject());
        }
        return new ConfigChanges(steps.subList(1, steps.size()));
    }

    /// @param config member `config` of an image's configuration
    public void apply(JsonObject config) {
        steps.forEach(step -> apply(step, config));
    }

    private static void apply(Dockerfile.Step step, JsonObject config) {
        var nothing = Json.of(new JsonObject());
        switch (step.instruction()) {
            case Instruction.Cmd(var command) -> config.putTexts("Cmd", words(command));
            case Instruction.Entrypoint(var command) -> config.putTexts("Entrypoint", words(command));
            case Instruction.Env(var variables) -> variables.forEach((name, value) -> env(config, name + "=" + value));
            case Instruction.Label(var labels) -> labels.forEach((name, value) -> put(config, "Labels", name,
                    new Json.Text(value)));
            case Instruction.Expose(var ports) -> ports.forEach(port ->
                    put(config, "ExposedPorts", port.contains("/") ? port : port + "/tcp", nothing));
            case Instruction.Volume(var paths) -> paths.forEach(path -> put(config, "Volumes", path, nothing));
            case Instruction.User(var user) -> config.put("User", user);
            case Instruction.Workdir(var path) -> config.put("WorkingDir", path);
            case Instruction.StopSignal(var signal) -> config.put("StopSignal", signal);
            case Instruction.OnBuild(var text, _) -> {
                var all = new ArrayList<>(config.has("OnBuild") ? config.texts("OnBuild") : List.of());
                all.add(text);
                config.putTexts("OnBuild", all);
            }
            case Instruction.From _, Instruction.Run _, Instruction.Copy _, Instruction.Add _, Instruction.Arg _,
                    Instruction.Shell _, Instruction.Maintainer _,
                    Instruction.HealthCheck _ -> throw new IllegalArgumentException(
                    "%s is not a valid change command".formatted(step.text().split("\\s", 2)[0]));
        }
    }

    private static void env(JsonObject config, String line) {
        var name = line.split("=", 2)[0];
        var all = new ArrayList<>(config.has("Env") ? config.texts("Env") : List.of());
        all.removeIf(one -> one.split("=", 2)[0].equals(name));
        all.add(line);
        config.putTexts("Env", all);
    }

    private static void put(JsonObject config, String member, String key, Json value) {
        config.put(member, config.findObject(member).orElseGet(JsonObject::new).put(key, value));
    }

    private static List<String> words(Instruction.Command command) {
        return command.shell() ? List.of("/bin/sh", "-c", command.words().getFirst()) : command.words();
    }
}
