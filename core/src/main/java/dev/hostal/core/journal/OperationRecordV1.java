package dev.hostal.core.journal;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.core.Operation.Status;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import dev.hostal.spi.ImageExchange.Compression;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An operation's record as it stands in the journal, version 1. Frozen: a change gets a successor.
final class OperationRecordV1 {
    static final int VERSION = 1;

    private OperationRecordV1() {}

    static String toText(OperationRecord record) {
        var json = new JsonObject().put("v", VERSION).put("id", record.id()).put("verb", record.request().verb())
                .put("request", toJson(record.request())).put("target", record.target())
                .put("status", Words.of(record.status())).put("createdAt", record.createdAt().toString())
                .putIfPresent("endedAt", record.endedAt().map(Instant::toString));
        record.problem().ifPresent(problem -> json.put("problem", toJson(problem)));
        return json.toText();
    }

    /// @throws JsonException a member is missing or of another type, or the version is not ours
    static OperationRecord from(String text) {
        var json = JsonObject.parse(text);
        InstanceRecordV1.requireVersion(json, VERSION);
        return new OperationRecord(json.text("id"), requestFrom(json.text("verb"), json.object("request")),
                json.text("target"), Words.of(Status.class, json.text("status")),
                Instant.parse(json.text("createdAt")), json.findText("endedAt").map(Instant::parse),
                json.findObject("problem").map(OperationRecordV1::problemFrom));
    }

    private static JsonObject toJson(Request request) {
        var json = new JsonObject();
        return switch (request) {
            case Request.Create(var spec, var pull) ->
                    json.put("spec", SpecV1.toJson(spec)).put("pull", Words.of(pull));
            case Request.PullImage(var reference, var arch) ->
                    json.put("reference", reference.toString()).put("arch", arch.word());
            case Request.PushImage(var source, var target, var arch, var compression) ->
                    json.put("source", source.toString()).put("target", target.toString())
                            .putIfPresent("arch", arch.map(Arch::word)).putIfPresent("compression",
                                    Optional.of(compression).filter(kind -> kind != Compression.PORTABLE).map(Words::of));
            case Request.Stop(var timeout, var signal) -> json.put("timeoutMillis", timeout.toMillis())
                    .putIfPresent("signal", signal);
            case Request.Restart(var timeout, var signal) -> json.put("timeoutMillis", timeout.toMillis())
                    .putIfPresent("signal", signal);
            case Request.Kill(var signal) -> json.put("signal", signal);
            case Request.Delete(var force) -> json.put("force", force);
            case Request.CopyVolume(var volume, var source) ->
                    json.put("volume", VolumeV1.toJson(volume)).put("source", source.value());
            case Request.DeleteVolume(var id, var name) -> json.put("id", id.value()).put("name", name.value());
            case Request.TakeSnapshot take -> json.put("id", take.id().value()).put("name", take.name().value())
                    .put("description", take.description()).put("memory", take.memory())
                    .put("volumes", take.volumes()).put("scheduled", take.scheduled());
            case Request.RestoreSnapshot(var snapshot, var force, var start, var kept) ->
                    json.put("snapshot", snapshot.value()).put("force", force).put("start", start)
                            .putIfPresent("kept", kept.map(SnapshotId::value));
            case Request.ForkGroup group -> json.putTexts("sources", texts(group.sources()))
                    .putTexts("paused", texts(group.paused())).putTexts("ids", texts(group.ids()))
                    .putTexts("names", group.names().stream().map(InstanceName::value).toList())
                    .put("sameIdentity", group.sameIdentity());
            case Request.MakePool(var name, var ready) -> json.put("name", name.value()).put("ready", ready);
            case Request.DeletePool(var name) -> json.put("name", name.value());
            case Request.DeleteSnapshot(var snapshot) -> json.put("snapshot", snapshot.value());
            case Request.Clone clone -> json.put("id", clone.id().value()).put("name", clone.name().value())
                    .putIfPresent("snapshot", clone.snapshot().map(SnapshotId::value)).put("linked", clone.linked())
                    .put("sameIdentity", clone.sameIdentity());
            case Request.Fork(var ids, var names, var sameIdentity) ->
                    json.putTexts("ids", texts(ids))
                            .putTexts("names", names.stream().map(InstanceName::value).toList())
                            .put("sameIdentity", sameIdentity);
            case Request.Start(var cold) -> cold ? json.put("cold", true) : json;
            case Request.Pause _, Request.Resume _, Request.Suspend _, Request.Flatten _ -> json;
        };
    }

    private static Request requestFrom(String verb, JsonObject json) {
        return switch (verb) {
            case "instance.create" ->
                    new Request.Create(SpecV1.from(json.object("spec")), Words.of(Pull.class, json.text("pull")));
            case "image.pull" ->
                    new Request.PullImage(ImageReference.parse(json.text("reference")), Arch.parse(json.text("arch")));
            case "image.push" -> new Request.PushImage(ImageReference.parse(json.text("source")),
                    ImageReference.parse(json.text("target")), json.findText("arch").map(Arch::parse),
                    json.findText("compression").map(word -> Words.of(Compression.class, word))
                            .orElse(Compression.PORTABLE));
            case "instance.start" -> new Request.Start(json.bool("cold", false));
            case "instance.stop" -> new Request.Stop(Duration.ofMillis(json.integer("timeoutMillis")), json.findText("signal"));
            case "instance.restart" -> new Request.Restart(Duration.ofMillis(json.integer("timeoutMillis")),
                    json.findText("signal"));
            case "instance.kill" -> new Request.Kill(json.text("signal"));
            case "instance.pause" -> new Request.Pause();
            case "instance.resume" -> new Request.Resume();
            case "instance.delete" -> new Request.Delete(json.bool("force"));
            case "volume.snapshot", "volume.clone" -> new Request.CopyVolume(VolumeV1.from(json.object("volume")),
                    new VolumeId(json.text("source")));
            case "volume.delete" ->
                    new Request.DeleteVolume(new VolumeId(json.text("id")), new VolumeName(json.text("name")));
            case "instance.suspend" -> new Request.Suspend();
            case "snapshot.create" -> new Request.TakeSnapshot(new SnapshotId(json.text("id")),
                    new SnapshotName(json.text("name")), json.text("description"), json.bool("memory"),
                    json.bool("volumes", false), json.bool("scheduled"));
            case "snapshot.restore" -> new Request.RestoreSnapshot(new SnapshotId(json.text("snapshot")),
                    json.bool("force"), json.bool("start"), json.findText("kept").map(SnapshotId::new));
            case "snapshot.delete" -> new Request.DeleteSnapshot(new SnapshotId(json.text("snapshot")));
            case "instance.clone" -> new Request.Clone(new InstanceId(json.text("id")),
                    new InstanceName(json.text("name")), json.findText("snapshot").map(SnapshotId::new),
                    json.bool("linked"), json.bool("sameIdentity"));
            case "instance.flatten" -> new Request.Flatten();
            case "pool.create" ->
                    new Request.MakePool(new InstanceName(json.text("name")), (int) json.integer("ready"));
            case "pool.delete" -> new Request.DeletePool(new InstanceName(json.text("name")));
            case "instance.fork" -> forkFrom(json);
            default -> throw new JsonException("verb", "'%s' is no operation known here".formatted(verb));
        };
    }

    private static Request forkFrom(JsonObject json) {
        var names = json.texts("names").stream().map(InstanceName::new).toList();
        if (!json.has("sources")) return new Request.Fork(idsIn(json, "ids"), names, json.bool("sameIdentity"));
        return new Request.ForkGroup(idsIn(json, "sources"), idsIn(json, "paused"), idsIn(json, "ids"), names,
                json.bool("sameIdentity"));
    }

    private static List<String> texts(List<InstanceId> ids) {
        return ids.stream().map(InstanceId::value).toList();
    }

    private static List<InstanceId> idsIn(JsonObject json, String member) {
        return json.texts(member).stream().map(InstanceId::new).toList();
    }

    private static JsonObject toJson(Problem problem) {
        return new JsonObject().put("code", problem.code().name()).put("message", problem.getMessage())
                .putIfPresent("member", problem.member());
    }

    private static Problem problemFrom(JsonObject json) {
        var code = json.text("code");
        Optional<String> member = json.findText("member");
        if (member.isPresent()) return Problem.badMember(member.get(), json.text("message"));
        for (var known : ErrorCode.values()) {
            if (known.name().equals(code)) return new Problem(known, json.text("message"));
        }
        throw new JsonException("problem.code", "'%s' is no error code known here".formatted(code));
    }
}
