package dev.hostal.core.journal;

import static dev.hostal.core.journal.InstanceRecordV1.requireVersion;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.Schedule;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Disks, snapshots, schedules and pools as they stand in the journal, version 1. Frozen.
final class PointRecordsV1 {
    static final int VERSION = 1;

    private PointRecordsV1() {}

    static String toText(DiskRecord disk) {
        var json = json().put("id", disk.id().value())
                .putIfPresent("kind", Optional.of(disk.kind()).filter(kind -> kind != Kind.VM).map(Kind::word))
                .putIfPresent("base", disk.base().map(DiskId::value))
                .put("tree", disk.tree().value()).put("size", disk.size().count()).put("made", disk.made());
        return (disk.image() ? json.put("image", true) : json).toText();
    }

    static DiskRecord diskFrom(String text) {
        var json = parse(text);
        return new DiskRecord(new DiskId(json.text("id")),
                json.findText("kind").map(kind -> Words.of(Kind.class, kind)).orElse(Kind.VM),
                json.findText("base").map(DiskId::new),
                new DiskId(json.text("tree")), new Bytes(json.integer("size")), json.bool("made"), json.bool("image", false));
    }

    static String toText(SnapshotRecord snapshot) {
        var json = json().put("id", snapshot.id().value()).put("instance", snapshot.instance().value())
                .put("name", snapshot.name().value())
                .putIfPresent("parent", snapshot.parent().map(SnapshotId::value))
                .put("description", snapshot.description()).put("createdAt", snapshot.createdAt().toString())
                .put("disk", snapshot.disk().value())
                .putIfPresent("memory", snapshot.memory().map(CheckpointId::value))
                .put("scheduled", snapshot.scheduled());
        return (snapshot.volumes().isEmpty() ? json : json.putTexts("volumes", HeadsV1.texts(snapshot.volumes()))).toText();
    }

    static SnapshotRecord snapshotFrom(String text) {
        var json = parse(text);
        return new SnapshotRecord(new SnapshotId(json.text("id")), new InstanceId(json.text("instance")),
                new SnapshotName(json.text("name")), json.findText("parent").map(SnapshotId::new),
                json.text("description"), Instant.parse(json.text("createdAt")), new DiskId(json.text("disk")),
                json.findText("memory").map(CheckpointId::new), json.bool("scheduled"), HeadsV1.in(json));
    }

    static String toText(Schedule schedule) {
        var json = json().put("instance", schedule.instance().value()).put("everyMillis", schedule.every().toMillis())
                .put("keep", schedule.keep()).put("memory", schedule.memory())
                .putIfPresent("last", schedule.last().map(Instant::toString));
        schedule.space().ifPresent(space -> json.put("space", space.count()));
        return json.toText();
    }

    static Schedule scheduleFrom(String text) {
        var json = parse(text);
        return new Schedule(new InstanceId(json.text("instance")), Duration.ofMillis(json.integer("everyMillis")),
                (int) json.integer("keep", 1, Schedule.KEEP_MAX), json.bool("memory"),
                json.findInteger("space").map(Bytes::new),
                json.findText("last").map(Instant::parse));
    }

    static String toText(PoolRecord pool) {
        return json().put("name", pool.name().value()).put("template", InstanceRecordV1.toText(pool.template()))
                .put("disk", pool.disk().value()).put("memory", pool.memory().value()).put("ready", pool.ready())
                .put("taken", pool.taken()).put("createdAt", pool.createdAt().toString()).toText();
    }

    static PoolRecord poolFrom(String text) {
        var json = parse(text);
        return new PoolRecord(new InstanceName(json.text("name")), InstanceRecordV1.from(json.text("template")),
                new DiskId(json.text("disk")), new CheckpointId(json.text("memory")), (int) json.integer("ready"),
                json.integer("taken"), Instant.parse(json.text("createdAt")));
    }

    static String toText(WarmRecord warm) {
        return json().put("key", warm.key()).put("disk", warm.disk().value()).put("memory", warm.memory().value())
                .put("usedAt", warm.usedAt().toString()).toText();
    }

    static WarmRecord warmFrom(String text) {
        var json = parse(text);
        return new WarmRecord(json.text("key"), new DiskId(json.text("disk")), new CheckpointId(json.text("memory")),
                Instant.parse(json.text("usedAt")));
    }

    private static JsonObject json() {
        return new JsonObject().put("v", VERSION);
    }

    private static JsonObject parse(String text) {
        var json = JsonObject.parse(text);
        requireVersion(json, VERSION);
        return json;
    }
}
