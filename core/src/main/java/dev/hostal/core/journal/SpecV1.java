package dev.hostal.core.journal;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.Care;
import dev.hostal.model.Confinement;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Limits;
import dev.hostal.model.ProcessSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The spec of an instance as it stands in the journal, version 1. Frozen.
final class SpecV1 {
    private SpecV1() {}

    static JsonObject toJson(InstanceSpec spec) {
        var json = new JsonObject().put("name", spec.name().value()).put("kind", spec.kind().word())
                .put("image", spec.image().toString()).putIfPresent("arch", spec.arch().map(Arch::word))
                .put("cpus", spec.cpus()).put("memory", spec.memory().count()).put("diskSize", spec.diskSize().count())
                .put("boot", spec.boot().word()).put("process", toJson(spec.process()));
        json.putIfPresent("hostname", spec.hostname()).putTexts("labels", spec.labels())
                .put("autoRemove", spec.autoRemove()).put("stopTimeoutMillis", spec.stopTimeout().toMillis());
        if (!spec.limits().equals(Limits.USUAL)) json.put("limits", LimitsV1.toJson(spec.limits()));
        if (!spec.confinement().equals(Confinement.USUAL)) {
            json.put("confinement", ConfinementV1.toJson(spec.confinement()));
        }
        if (!spec.care().equals(Care.USUAL)) json.put("care", CareV1.toJson(spec.care()));
        putAll(json, "mounts", spec.mounts(), MountV1::toJson);
        putAll(json, "nics", spec.nics(), NicV1::toJson);
        putAll(json, "ports", spec.ports(), PublishedPortV1::toJson);
        return json;
    }

    static InstanceSpec from(JsonObject json) {
        return new InstanceSpec(new InstanceName(json.text("name")), Words.of(Kind.class, json.text("kind")),
                ImageReference.parse(json.text("image")), json.findText("arch").map(Arch::parse),
                (int) json.integer("cpus", 1, InstanceSpec.CPUS_MAX), new Bytes(json.integer("memory")),
                new Bytes(json.integer("diskSize")), Words.of(Boot.class, json.text("boot")),
                processFrom(json.object("process")), json.findText("hostname"), json.textMap("labels"),
                json.bool("autoRemove"), Duration.ofMillis(json.integer("stopTimeoutMillis")),
                json.findObject("limits").map(LimitsV1::from).orElse(Limits.USUAL),
                json.findObject("confinement").map(ConfinementV1::from).orElse(Confinement.USUAL),
                json.findObject("care").map(CareV1::from).orElse(Care.USUAL), all(json, "mounts", MountV1::from),
                all(json, "nics", NicV1::from), all(json, "ports", PublishedPortV1::from));
    }

    private static <T> void putAll(JsonObject json, String name, List<T> values, Function<T, JsonObject> form) {
        if (!values.isEmpty()) json.putObjects(name, values.stream().map(form).toList());
    }

    private static <T> List<T> all(JsonObject json, String name, Function<JsonObject, T> form) {
        return json.has(name) ? json.objects(name).stream().map(form).toList() : List.of();
    }

    private static JsonObject toJson(ProcessSpec process) {
        var json = new JsonObject();
        process.entrypoint().ifPresent(words -> json.putTexts("entrypoint", words));
        return json.putTexts("command", process.command()).putTexts("env", process.env())
                .putIfPresent("user", process.user()).putIfPresent("workdir", process.workdir())
                .put("tty", process.tty()).put("stdin", process.stdin());
    }

    private static ProcessSpec processFrom(JsonObject json) {
        Optional<List<String>> entrypoint =
                json.has("entrypoint") ? Optional.of(json.texts("entrypoint")) : Optional.empty();
        return new ProcessSpec(entrypoint, json.texts("command"), json.textMap("env"), json.findText("user"),
                json.findText("workdir"), json.bool("tty"), json.bool("stdin"));
    }
}
