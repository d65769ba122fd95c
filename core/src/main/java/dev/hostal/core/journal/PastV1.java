package dev.hostal.core.journal;

import dev.hostal.core.journal.Past.Turn;
import dev.hostal.json.JsonObject;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Origin;
import dev.hostal.model.SnapshotId;

/// Where an instance comes from as it stands in the journal, version 1. Frozen.
final class PastV1 {
    private PastV1() {}

    static JsonObject toJson(Past past) {
        var json = new JsonObject().putIfPresent("disk", past.disk().map(DiskId::value));
        past.turn().ifPresent(turn -> json.put("turn", toJson(turn)));
        json.putIfPresent("memory", past.memory().map(CheckpointId::value)).put("renewed", past.renewed())
                .putIfPresent("identity", past.identity().map(InstanceId::value))
                .putIfPresent("position", past.position().map(SnapshotId::value));
        past.origin().ifPresent(origin -> json.put("origin", new JsonObject()
                .put("instance", origin.instance().value())
                .putIfPresent("snapshot", origin.snapshot().map(SnapshotId::value))));
        return json.putIfPresent("pool", past.pool().map(InstanceName::value));
    }

    static Past from(JsonObject json) {
        return new Past(json.findText("disk").map(DiskId::new),
                json.findObject("turn").map(PastV1::turnFrom),
                json.findText("memory").map(CheckpointId::new), json.bool("renewed"),
                json.findText("identity").map(InstanceId::new), json.findText("position").map(SnapshotId::new),
                json.findObject("origin").map(origin -> new Origin(new InstanceId(origin.text("instance")),
                        origin.findText("snapshot").map(SnapshotId::new))),
                json.findText("pool").map(InstanceName::new));
    }

    private static JsonObject toJson(Turn turn) {
        var json = new JsonObject().put("disk", turn.disk().value())
                .putIfPresent("checkpoint", turn.checkpoint().map(CheckpointId::value));
        return turn.volumes().isEmpty() ? json : json.putTexts("volumes", HeadsV1.texts(turn.volumes()));
    }

    private static Turn turnFrom(JsonObject json) {
        return new Turn(new DiskId(json.text("disk")), json.findText("checkpoint").map(CheckpointId::new), HeadsV1.in(json));
    }
}
