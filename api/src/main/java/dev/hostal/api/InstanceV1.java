package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Care;
import dev.hostal.model.Confinement;
import dev.hostal.model.Limits;
import dev.hostal.model.Mount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// An instance as `GET /v1/instances/{ref}` shows it.
///
/// @param arch the word, such as `x86_64`
/// @param memory in bytes
/// @param phase the word, such as `running`
/// @param reason why it failed; only in phase `failed`
/// @param exitStatus of its program's last run
/// @param createdAt RFC 3339, as the other times
/// @param base id of the instance whose disk that of a linked clone lies over
/// @param baseSnapshot id of the snapshot of it
public record InstanceV1(
        String id,
        String name,
        String kind,
        String image,
        String imageDigest,
        String arch,
        int cpus,
        long memory,
        long diskSize,
        String boot,
        List<String> command,
        boolean tty,
        boolean stdin,
        boolean autoRemove,
        String hostname,
        Map<String, String> labels,
        String phase,
        Optional<String> reason,
        OptionalInt exitStatus,
        String createdAt,
        Optional<String> startedAt,
        Optional<String> finishedAt,
        List<String> addresses,
        Optional<String> accelerator,
        Limits limits,
        Confinement confinement,
        Care care,
        List<Mount> mounts,
        CourseV1 course,
        Optional<String> base,
        Optional<String> baseSnapshot) {

    /// One of which nothing special is wanted.
    public InstanceV1(String id, String name, String kind, String image, String imageDigest, String arch, int cpus,
            long memory, long diskSize, String boot, List<String> command, boolean tty, boolean stdin,
            boolean autoRemove, String hostname, Map<String, String> labels, String phase, Optional<String> reason,
            OptionalInt exitStatus, String createdAt, Optional<String> startedAt, Optional<String> finishedAt,
            List<String> addresses, Optional<String> accelerator) {
        this(id, name, kind, image, imageDigest, arch, cpus, memory, diskSize, boot, command, tty, stdin, autoRemove,
                hostname, labels, phase, reason, exitStatus, createdAt, startedAt, finishedAt, addresses, accelerator,
                Limits.USUAL, Confinement.USUAL, Care.USUAL, List.of(), CourseV1.NEW,
                Optional.empty(), Optional.empty());
    }

    public JsonObject toJson() {
        var json = new JsonObject()
                .put("id", id).put("name", name).put("kind", kind).put("image", image)
                .put("imageDigest", imageDigest).put("arch", arch).put("cpus", cpus)
                .put("memory", memory).put("diskSize", diskSize).put("boot", boot)
                .putTexts("command", command).put("tty", tty).put("stdin", stdin)
                .put("autoRemove", autoRemove).put("hostname", hostname).putTexts("labels", labels)
                .put("phase", phase).putIfPresent("reason", reason);
        exitStatus.ifPresent(status -> json.put("exitStatus", status));
        json.put("createdAt", createdAt).putIfPresent("startedAt", startedAt)
                .putIfPresent("finishedAt", finishedAt).putTexts("addresses", addresses)
                .putIfPresent("accelerator", accelerator);
        if (!limits.equals(Limits.USUAL)) json.put("limits", LimitsV1.toJson(limits));
        if (!confinement.equals(Confinement.USUAL)) json.put("confinement", ConfinementV1.toJson(confinement));
        if (!care.equals(Care.USUAL)) json.put("care", CareV1.toJson(care));
        if (!mounts.isEmpty()) json.putObjects("mounts", mounts.stream().map(MountV1::toJson).toList());
        return json.put("course", course.toJson()).putIfPresent("base", base).putIfPresent("baseSnapshot", baseSnapshot);
    }

    public static InstanceV1 from(JsonObject json) {
        return new InstanceV1(json.text("id"), json.text("name"), json.text("kind"), json.text("image"),
                json.text("imageDigest"), json.text("arch"), (int) json.integer("cpus", 1, Integer.MAX_VALUE),
                json.integer("memory"), json.integer("diskSize"), json.text("boot"), json.texts("command"),
                json.bool("tty"), json.bool("stdin"), json.bool("autoRemove"), json.text("hostname"),
                json.textMap("labels"), json.text("phase"), json.findText("reason"),
                json.has("exitStatus") ? OptionalInt.of((int) json.integer("exitStatus", 0, 255)) : OptionalInt.empty(),
                json.text("createdAt"), json.findText("startedAt"), json.findText("finishedAt"),
                json.texts("addresses"), json.findText("accelerator"),
                json.findObject("limits").map(LimitsV1::from).orElse(Limits.USUAL),
                json.findObject("confinement").map(ConfinementV1::from).orElse(Confinement.USUAL),
                json.findObject("care").map(CareV1::from).orElse(Care.USUAL),
                json.objects("mounts").stream().map(MountV1::from).toList(),
                json.findObject("course").map(CourseV1::from).orElse(CourseV1.NEW),
                json.findText("base"), json.findText("baseSnapshot"));
    }
}
