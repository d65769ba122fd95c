package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Schedule;
import java.util.OptionalLong;

/// When snapshots of an instance are taken by themselves.
///
/// @param every seconds between two
/// @param keep how many of them are kept; older ones are deleted
/// @param memory they are checkpoints
/// @param space bytes that they may take together, beside what the oldest has of the disk; the oldest are deleted
public record ScheduleV1(long every, int keep, boolean memory, OptionalLong space) {
    public static ScheduleV1 of(Schedule schedule) {
        return new ScheduleV1(schedule.every().toSeconds(), schedule.keep(), schedule.memory(),
                schedule.space().map(space -> OptionalLong.of(space.count())).orElse(OptionalLong.empty()));
    }

    public JsonObject toJson() {
        var json = new JsonObject().put("every", every).put("keep", keep).put("memory", memory);
        space.ifPresent(bytes -> json.put("space", bytes));
        return json;
    }

    public static ScheduleV1 from(JsonObject json) {
        json.onlyMembers("every", "keep", "memory", "space");
        return new ScheduleV1(json.integer("every", Schedule.EVERY_MIN.toSeconds(),
                Schedule.EVERY_MAX.toSeconds()), (int) json.integer("keep", 1, Schedule.KEEP_MAX),
                json.bool("memory", false),
                json.has("space")
                ? OptionalLong.of(json.integer("space", Schedule.SPACE_MIN.count(), Long.MAX_VALUE)) : OptionalLong.empty());
    }
}
