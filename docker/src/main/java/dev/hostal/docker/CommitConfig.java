package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.dockerfile.Dockerfile;
import dev.hostal.oci.dockerfile.DockerfileException;
import dev.hostal.oci.dockerfile.Instruction;
import dev.hostal.spi.Images;
import java.util.ArrayList;
import java.util.List;

/// The configuration of an image that is made from a container. Source: Docker Engine API, "Create a new image from a
/// container": the container's, over it the body's, over it the instructions of `changes`.
final class CommitConfig {
    private static final List<String> MEMBERS = List.of("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir",
            "Labels", "StopSignal", "Healthcheck", "OnBuild", "Shell");

    private final JsonObject config = new JsonObject();

    private CommitConfig() {}

    static JsonObject of(JsonObject container, JsonObject body, List<String> changes) {
        var made = new CommitConfig();
        made.below(body.has("Env") ? body.texts("Env") : List.of());
        for (var layer : List.of(container, body)) {
            for (var name : MEMBERS) {
                var value = layer.members().get(name);
                if (value == null || !Asked.isSaid(value)) continue;
                if (name.equals("Env")) made.below(layer.texts(name));
                else if (value instanceof Json.Obj(var object)) object.members().forEach((key, one) -> made.put(name, key, one));
                else made.config.put(name, value);
            }
        }
        if (!changes.isEmpty()) made.apply(changes);
        return made.config;
    }

    /// What an image without any runs, as the instructions of `changes` say. Source: Docker Engine API, "Create an image".
    static Images.Program program(List<String> changes) {
        var config = of(new JsonObject(), new JsonObject(), changes);
        return new Images.Program(texts(config, "Entrypoint"), texts(config, "Cmd"), texts(config, "Env"),
                config.findText("User").orElse(""), config.findText("WorkingDir").orElse(""), config.findText("StopSignal").orElse(""));
    }

    private static List<String> texts(JsonObject config, String member) {
        return config.has(member) ? config.texts(member) : List.of();
    }

    /// Variables that are not there yet.
    private void below(List<String> lines) {
        var all = new ArrayList<>(config.has("Env") ? config.texts("Env") : List.of());
        var names = all.stream().map(one -> one.split("=", 2)[0]).toList();
        lines.stream().filter(line -> !names.contains(line.split("=", 2)[0])).forEach(all::add);
        if (!all.isEmpty()) config.putTexts("Env", all);
    }

    private void env(String line) {
        var name = line.split("=", 2)[0];
        var all = new ArrayList<>(config.has("Env") ? config.texts("Env") : List.of());
        all.removeIf(one -> one.split("=", 2)[0].equals(name));
        all.add(line);
        config.putTexts("Env", all);
    }

    private void put(String member, String key, Json value) {
        config.put(member, config.findObject(member).orElseGet(JsonObject::new).put(key, value));
    }

    private void apply(List<String> changes) {
        try {
            for (var step : Dockerfile.parse("FROM scratch\n" + String.join("\n", changes) + "\n").steps()) apply(step);
        } catch (DockerfileException e) {
            throw new Refusal(400, e.getMessage());
        }
    }

    private void apply(Dockerfile.Step step) {
        var nothing = Json.of(new JsonObject());
        switch (step.instruction()) {
            case Instruction.From _ -> { /* Stands only for the container. */ }
            case Instruction.Cmd(var command) -> config.putTexts("Cmd", words(command));
            case Instruction.Entrypoint(var command) -> config.putTexts("Entrypoint", words(command));
            case Instruction.Env(var variables) -> variables.forEach((name, value) -> env(name + "=" + value));
            case Instruction.Label(var labels) -> labels.forEach((name, value) -> put("Labels", name, new Json.Text(value)));
            case Instruction.Expose(var ports) -> ports.forEach(port -> put("ExposedPorts", port.contains("/") ? port : port + "/tcp", nothing));
            case Instruction.Volume(var paths) -> paths.forEach(path -> put("Volumes", path, nothing));
            case Instruction.User(var user) -> config.put("User", user);
            case Instruction.Workdir(var path) -> config.put("WorkingDir", path);
            case Instruction.StopSignal(var signal) -> config.put("StopSignal", signal);
            case Instruction.OnBuild(var text, _) -> {
                var all = new ArrayList<>(config.has("OnBuild") ? config.texts("OnBuild") : List.of());
                all.add(text);
                config.putTexts("OnBuild", all);
            }
            case Instruction.Run _, Instruction.Copy _, Instruction.Add _, Instruction.Arg _, Instruction.Shell _,
                    Instruction.Maintainer _, Instruction.HealthCheck _ -> throw new Refusal(400,
                    "%s is not a valid change command".formatted(step.text().split("\\s", 2)[0]));
        }
    }

    private static List<String> words(Instruction.Command command) {
        return command.shell() ? List.of("/bin/sh", "-c", command.words().getFirst()) : command.words();
    }
}
