package dev.hostal.core.journal;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Course;
import java.time.Duration;
import java.time.Instant;

/// A course as it stands in the journal, version 1.
final class CourseV1 {
    private CourseV1() {}

    static JsonObject toJson(Course course) {
        return new JsonObject().put("restarts", course.restarts()).put("pauseMillis", course.pause().toMillis())
                .putIfPresent("due", course.due().map(Instant::toString)).put("stopped", course.stopped())
                .put("outOfMemory", course.outOfMemory()).putIfPresent("health", course.health());
    }

    static Course from(JsonObject json) {
        return new Course((int) json.integer("restarts", 0, Integer.MAX_VALUE),
                Duration.ofMillis(json.integer("pauseMillis")), json.findText("due").map(Instant::parse),
                json.bool("stopped"), json.bool("outOfMemory"), json.findText("health"));
    }
}
