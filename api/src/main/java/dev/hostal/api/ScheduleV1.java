package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Schedule;

/// When snapshots of an instance are taken by themselves.
///
/// @param every seconds between two
/// @param keep how many of them are kept; older ones are deleted
/// @param memory they are checkpoints
public record ScheduleV1(long every, int keep, boolean memory) {
    public JsonObject toJson() {
        return new JsonObject().put("every", every).put("keep", keep).put("memory", memory);
    }

    public static ScheduleV1 from(JsonObject json) {
        json.onlyMembers("every", "keep", "memory");
        return new ScheduleV1(json.integer("every", Schedule.EVERY_MIN.toSeconds(),
                Schedule.EVERY_MAX.toSeconds()), (int) json.integer("keep", 1, Schedule.KEEP_MAX),
                json.bool("memory", false));
    }
}
