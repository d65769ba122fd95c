package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Body of `POST /v1/instances`. Only `image` must be given.
///
/// @param name a free one is made up where absent
/// @param kind `vm` or `container`; where none is named, a container if the daemon can run it
/// @param memory in bytes
/// @param boot `auto`, `command` or `init`
/// @param entrypoint replaces the image's
/// @param pull `missing` (default), `always` or `never`
/// @param stopTimeout in seconds
public record CreateInstanceV1(
        Optional<String> name,
        Optional<String> kind,
        String image,
        Optional<String> arch,
        OptionalInt cpus,
        OptionalLong memory,
        OptionalLong diskSize,
        Optional<String> boot,
        Optional<List<String>> entrypoint,
        List<String> command,
        Map<String, String> env,
        Optional<String> user,
        Optional<String> workdir,
        boolean tty,
        boolean stdin,
        Optional<String> hostname,
        Map<String, String> labels,
        boolean autoRemove,
        OptionalLong stopTimeout,
        Optional<String> pull) {

    public JsonObject toJson() {
        var json = new JsonObject().putIfPresent("name", name).putIfPresent("kind", kind).put("image", image)
                .putIfPresent("arch", arch);
        cpus.ifPresent(count -> json.put("cpus", count));
        memory.ifPresent(bytes -> json.put("memory", bytes));
        diskSize.ifPresent(bytes -> json.put("diskSize", bytes));
        json.putIfPresent("boot", boot);
        entrypoint.ifPresent(words -> json.putTexts("entrypoint", words));
        json.putTexts("command", command).putTexts("env", env).putIfPresent("user", user)
                .putIfPresent("workdir", workdir).put("tty", tty).put("stdin", stdin)
                .putIfPresent("hostname", hostname).putTexts("labels", labels).put("autoRemove", autoRemove);
        stopTimeout.ifPresent(seconds -> json.put("stopTimeout", seconds));
        return json.putIfPresent("pull", pull);
    }

    public static CreateInstanceV1 from(JsonObject json) {
        json.onlyMembers("name", "kind", "image", "arch", "cpus", "memory", "diskSize", "boot", "entrypoint",
                "command", "env", "user", "workdir", "tty", "stdin", "hostname", "labels", "autoRemove",
                "stopTimeout", "pull");
        return new CreateInstanceV1(json.findText("name"), json.findText("kind"), json.text("image"),
                json.findText("arch"),
                json.has("cpus") ? OptionalInt.of((int) json.integer("cpus", 1, InstanceSpec.CPUS_MAX)) : OptionalInt.empty(),
                longOf(json, "memory", InstanceSpec.MEMORY_MIN.count(), InstanceSpec.MEMORY_MAX.count()),
                longOf(json, "diskSize", InstanceSpec.DISK_MIN.count(), InstanceSpec.DISK_MAX.count()), json.findText("boot"),
                json.has("entrypoint") ? Optional.of(json.texts("entrypoint")) : Optional.empty(),
                json.texts("command"), json.textMap("env"), json.findText("user"), json.findText("workdir"),
                json.bool("tty", false), json.bool("stdin", false), json.findText("hostname"),
                json.textMap("labels"), json.bool("autoRemove", false), longOf(json, "stopTimeout", 0, InstanceSpec.STOP_TIMEOUT_MAX.toSeconds()),
                json.findText("pull"));
    }

    private static OptionalLong longOf(JsonObject json, String name, long min, long max) {
        return json.has(name) ? OptionalLong.of(json.integer(name, min, max)) : OptionalLong.empty();
    }
}
