package dev.hostal.api;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Care;
import dev.hostal.model.Confinement;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Limits;
import dev.hostal.model.Mount;
import dev.hostal.model.Nic;
import dev.hostal.model.PublishedPort;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

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
        Optional<String> pull,
        Limits limits,
        Confinement confinement,
        Care care,
        List<Mount> mounts,
        List<Nic> nics,
        List<PublishedPort> ports) {

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
        json.putIfPresent("pull", pull);
        if (!limits.equals(Limits.USUAL)) json.put("limits", LimitsV1.toJson(limits));
        if (!confinement.equals(Confinement.USUAL)) json.put("confinement", ConfinementV1.toJson(confinement));
        if (!care.equals(Care.USUAL)) json.put("care", CareV1.toJson(care));
        putAll(json, "mounts", mounts, MountV1::toJson);
        putAll(json, "nics", nics, NicV1::toJson);
        putAll(json, "ports", ports, PublishedPortV1::toJson);
        return json;
    }

    public static CreateInstanceV1 from(JsonObject json) {
        json.onlyMembers("name", "kind", "image", "arch", "cpus", "memory", "diskSize", "boot", "entrypoint",
                "command", "env", "user", "workdir", "tty", "stdin", "hostname", "labels", "autoRemove",
                "stopTimeout", "pull", "limits", "confinement", "care", "mounts", "nics", "ports");
        return new CreateInstanceV1(json.findText("name"), json.findText("kind"), json.text("image"),
                json.findText("arch"),
                json.has("cpus") ? OptionalInt.of((int) json.integer("cpus", 1, InstanceSpec.CPUS_MAX)) : OptionalInt.empty(),
                longOf(json, "memory", InstanceSpec.CONTAINER_MEMORY_MIN.count(), InstanceSpec.MEMORY_MAX.count()),
                longOf(json, "diskSize", InstanceSpec.DISK_MIN.count(), InstanceSpec.DISK_MAX.count()), json.findText("boot"),
                json.has("entrypoint") ? Optional.of(json.texts("entrypoint")) : Optional.empty(),
                json.texts("command"), json.textMap("env"), json.findText("user"), json.findText("workdir"),
                json.bool("tty", false), json.bool("stdin", false), json.findText("hostname"),
                json.textMap("labels"), json.bool("autoRemove", false),
                longOf(json, "stopTimeout", 0, InstanceSpec.STOP_TIMEOUT_MAX.toSeconds()), json.findText("pull"),
                json.findObject("limits").map(wish -> made("limits", wish, LimitsV1::from)).orElse(Limits.USUAL),
                json.findObject("confinement").map(wish -> made("confinement", wish, ConfinementV1::from))
                        .orElse(Confinement.USUAL),
                json.findObject("care").map(wish -> made("care", wish, CareV1::from)).orElse(Care.USUAL),
                all(json, "mounts", MountV1::from), all(json, "nics", NicV1::from), all(json, "ports", PublishedPortV1::from));
    }

    private static <T> void putAll(JsonObject json, String name, List<T> values, Function<T, JsonObject> form) {
        if (!values.isEmpty()) json.putObjects(name, values.stream().map(form).toList());
    }

    private static <T> List<T> all(JsonObject json, String name, Function<JsonObject, T> form) {
        return json.has(name) ? json.objects(name).stream().map(wish -> made(name, wish, form)).toList() : List.of();
    }

    /// What a constructor refuses is said of the member.
    private static <T> T made(String name, JsonObject json, Function<JsonObject, T> form) {
        try {
            return form.apply(json);
        } catch (IllegalArgumentException e) {
            throw new JsonException(name, e.getMessage());
        }
    }

    private static OptionalLong longOf(JsonObject json, String name, long min, long max) {
        return json.has(name) ? OptionalLong.of(json.integer(name, min, max)) : OptionalLong.empty();
    }
}
