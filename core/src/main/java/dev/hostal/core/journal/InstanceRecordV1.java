package dev.hostal.core.journal;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.Course;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Phase;
import java.time.Instant;

/// An instance's record as it stands in the journal, version 1. Frozen: a change gets a successor.
final class InstanceRecordV1 {
    static final int VERSION = 1;

    private InstanceRecordV1() {}

    static String toText(InstanceRecord record) {
        var json = new JsonObject().put("v", VERSION).put("id", record.id().value())
                .put("spec", SpecV1.toJson(record.spec())).put("arch", record.arch().word())
                .put("imageDigest", record.imageDigest()).put("init", record.init())
                .put("phase", toJson(record.phase())).put("createdAt", record.createdAt().toString())
                .putIfPresent("startedAt", record.startedAt().map(Instant::toString))
                .putIfPresent("finishedAt", record.finishedAt().map(Instant::toString))
                .putIfPresent("operation", record.operation());
        if (!record.course().equals(Course.NEW)) json.put("course", CourseV1.toJson(record.course()));
        if (!record.past().equals(Past.NONE)) json.put("past", PastV1.toJson(record.past()));
        return json.toText();
    }

    /// @throws JsonException a member is missing or of another type, or the version is not ours
    static InstanceRecord from(String text) {
        var json = JsonObject.parse(text);
        requireVersion(json, VERSION);
        return new InstanceRecord(new InstanceId(json.text("id")), SpecV1.from(json.object("spec")),
                Arch.parse(json.text("arch")), json.text("imageDigest"), json.bool("init"),
                phaseFrom(json.object("phase")), Instant.parse(json.text("createdAt")),
                json.findText("startedAt").map(Instant::parse), json.findText("finishedAt").map(Instant::parse),
                json.findText("operation"), json.findObject("course").map(CourseV1::from).orElse(Course.NEW),
                json.findObject("past").map(PastV1::from).orElse(Past.NONE));
    }

    static void requireVersion(JsonObject json, int known) {
        long version = json.integer("v");
        if (version != known) {
            throw new JsonException("v", "is %d; this Hostal knows version %d only".formatted(version, known));
        }
    }

    private static JsonObject toJson(Phase phase) {
        var json = new JsonObject().put("word", phase.word());
        switch (phase) {
            case Phase.Stopped(var exit) -> exit.ifPresent(status -> json.put("exit", status.code()));
            case Phase.Failed(var reason) -> json.put("reason", reason);
            case Phase.Starting _, Phase.Running _, Phase.Paused _, Phase.Suspended _, Phase.Stopping _,
                 Phase.Deleting _ -> { }
        }
        return json;
    }

    private static Phase phaseFrom(JsonObject json) {
        return switch (json.text("word")) {
            case "stopped" -> new Phase.Stopped(json.findInt("exit", 0, 255).map(ExitStatus::new));
            case "starting" -> new Phase.Starting();
            case "running" -> new Phase.Running();
            case "paused" -> new Phase.Paused();
            case "suspended" -> new Phase.Suspended();
            case "stopping" -> new Phase.Stopping();
            case "failed" -> new Phase.Failed(json.text("reason"));
            case "deleting" -> new Phase.Deleting();
            default -> throw new JsonException("phase.word", "'%s' is no phase".formatted(json.text("word")));
        };
    }
}
