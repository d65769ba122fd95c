package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.Optional;

/// Body of `POST /v1/instances/{ref}/snapshots`.
///
/// @param name made of the time where absent
/// @param memory keep memory and devices too, of an instance that runs
/// @param volumes keep its volumes that are disks too
public record CreateSnapshotV1(Optional<String> name, String description, boolean memory, boolean volumes) {
    public JsonObject toJson() {
        return new JsonObject().putIfPresent("name", name).put("description", description).put("memory", memory)
                .put("volumes", volumes);
    }

    public static CreateSnapshotV1 from(JsonObject json) {
        json.onlyMembers("name", "description", "memory", "volumes");
        return new CreateSnapshotV1(json.findText("name"), json.findText("description").orElse(""),
                json.bool("memory", false), json.bool("volumes", false));
    }
}
