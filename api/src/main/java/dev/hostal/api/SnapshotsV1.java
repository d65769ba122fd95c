package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Optional;

/// The snapshots of one instance, each after its parent.
public record SnapshotsV1(List<SnapshotV1> snapshots, Optional<ScheduleV1> schedule) {
    public SnapshotsV1 {
        snapshots = List.copyOf(snapshots);
    }

    public JsonObject toJson() {
        var json = new JsonObject().putObjects("snapshots", snapshots.stream().map(SnapshotV1::toJson).toList());
        schedule.ifPresent(one -> json.put("schedule", one.toJson()));
        return json;
    }

    public static SnapshotsV1 from(JsonObject json) {
        return new SnapshotsV1(json.objects("snapshots").stream().map(SnapshotV1::from).toList(),
                json.findObject("schedule").map(ScheduleV1::from));
    }
}
