package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.dockerfile.ConfigChanges;
import dev.hostal.oci.dockerfile.DockerfileException;
import dev.hostal.spi.Images;
import java.util.ArrayList;
import java.util.List;

/// The configuration of an image that is made from a container. Source: Docker Engine API, "Create a new image from a
/// container": the container's, over it the body's, over it the instructions of `changes`.
final class CommitConfig {
    private static final List<String> MEMBERS = List.of("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes",
            "WorkingDir", "Labels", "StopSignal", "Healthcheck", "OnBuild", "Shell");

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
                config.findText("User").orElse(""), config.findText("WorkingDir").orElse(""),
                config.findText("StopSignal").orElse(""));
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

    private void put(String member, String key, Json value) {
        config.put(member, config.findObject(member).orElseGet(JsonObject::new).put(key, value));
    }

    private void apply(List<String> changes) {
        try {
            ConfigChanges.parse(changes).apply(config);
        } catch (DockerfileException | IllegalArgumentException e) {
            throw new Refusal(400, e.getMessage());
        }
    }
}
