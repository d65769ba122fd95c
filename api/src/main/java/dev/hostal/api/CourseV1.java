package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.Optional;

/// What became of an instance since somebody last started it, beyond its phase.
///
/// @param restarts how often its policy has started it again
/// @param restartAt when its policy starts it next
/// @param outOfMemory its last run met its limit of memory
/// @param health `starting`, `healthy` or `unhealthy`
public record CourseV1(int restarts, Optional<String> restartAt, boolean outOfMemory, Optional<String> health) {
    public static final CourseV1 NEW = new CourseV1(0, Optional.empty(), false, Optional.empty());

    public JsonObject toJson() {
        return new JsonObject().put("restarts", restarts).putIfPresent("restartAt", restartAt)
                .put("outOfMemory", outOfMemory).putIfPresent("health", health);
    }

    public static CourseV1 from(JsonObject json) {
        return new CourseV1((int) json.integer("restarts", 0, Integer.MAX_VALUE), json.findText("restartAt"),
                json.bool("outOfMemory"), json.findText("health"));
    }
}
