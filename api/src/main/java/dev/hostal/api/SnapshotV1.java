package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Optional;

/// A snapshot as `GET /v1/instances/{ref}/snapshots` lists it.
///
/// @param parent name of the snapshot that the instance went on from when this one was taken
/// @param memory it is a checkpoint: memory and devices are kept with the disk
/// @param used bytes that it takes on the host, about
/// @param current the instance goes on from it
/// @param scheduled taken by the schedule, which also deletes it
/// @param volumes names of those that are part of it
public record SnapshotV1(
        String id,
        String name,
        Optional<String> parent,
        String description,
        boolean memory,
        String createdAt,
        long used,
        boolean current,
        boolean scheduled,
        List<String> volumes) {
    public SnapshotV1 {
        volumes = List.copyOf(volumes);
    }

    public JsonObject toJson() {
        return new JsonObject().put("id", id).put("name", name).putIfPresent("parent", parent).put("description", description)
                .put("memory", memory).put("createdAt", createdAt).put("used", used).put("current", current)
                .put("scheduled", scheduled).putTexts("volumes", volumes);
    }

    public static SnapshotV1 from(JsonObject json) {
        return new SnapshotV1(json.text("id"), json.text("name"), json.findText("parent"), json.text("description"),
                json.bool("memory"), json.text("createdAt"), json.integer("used"), json.bool("current"), json.bool("scheduled"),
                json.has("volumes") ? json.texts("volumes") : List.of());
    }
}
