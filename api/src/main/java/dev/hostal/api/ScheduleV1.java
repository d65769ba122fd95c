package dev.hostal.api;

import dev.hostal.json.JsonObject;

/// When snapshots of an instance are taken by themselves.
///
/// @param every seconds between two
/// @param keep how many of them are kept; older ones are deleted
/// @param memory they are checkpoints
public record ScheduleV1(long every, int keep, boolean memory) {
    /// Seconds. Chosen: a checkpoint of a small guest takes less, one of a large guest not much more.
    public static final long EVERY_MIN = 10;
    /// Seconds: a week.
    public static final long EVERY_MAX = 7 * 86_400;
    public static final int KEEP_MAX = 1000;

    public JsonObject toJson() {
        return new JsonObject().put("every", every).put("keep", keep).put("memory", memory);
    }

    public static ScheduleV1 from(JsonObject json) {
        json.onlyMembers("every", "keep", "memory");
        return new ScheduleV1(json.integer("every", EVERY_MIN, EVERY_MAX), (int) json.integer("keep", 1, KEEP_MAX),
                json.bool("memory", false));
    }
}
