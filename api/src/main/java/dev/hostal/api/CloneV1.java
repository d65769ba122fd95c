package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.Optional;

/// Body of `POST /v1/instances/{ref}/clone`.
///
/// @param name of the new instance; a free one is made up where absent
/// @param snapshot what is cloned; the instance as it is now where absent
/// @param linked the clone's disk lies over the original's, instead of being copied
/// @param sameIdentity the clone keeps MAC, host name, machine-id and SSH host keys
public record CloneV1(Optional<String> name, Optional<String> snapshot, boolean linked, boolean sameIdentity) {
    public JsonObject toJson() {
        return new JsonObject().putIfPresent("name", name).putIfPresent("snapshot", snapshot).put("linked", linked)
                .put("sameIdentity", sameIdentity);
    }

    public static CloneV1 from(JsonObject json) {
        json.onlyMembers("name", "snapshot", "linked", "sameIdentity");
        return new CloneV1(json.findText("name"), json.findText("snapshot"), json.bool("linked", false),
                json.bool("sameIdentity", false));
    }
}
