package dev.hostal.api;

import dev.hostal.json.JsonObject;

/// What a running instance uses. Sizes in bytes; counters since its start.
public record StatsV1(
        String id,
        String name,
        long cpuNanos,
        long memory,
        long memoryLimit,
        int processes,
        long diskRead,
        long diskWritten,
        long netReceived,
        long netSent) {
    public JsonObject toJson() {
        return new JsonObject().put("id", id).put("name", name).put("cpuNanos", cpuNanos).put("memory", memory)
                .put("memoryLimit", memoryLimit).put("processes", processes).put("diskRead", diskRead)
                .put("diskWritten", diskWritten).put("netReceived", netReceived).put("netSent", netSent);
    }

    public static StatsV1 from(JsonObject json) {
        return new StatsV1(json.text("id"), json.text("name"), json.integer("cpuNanos"), json.integer("memory"),
                json.integer("memoryLimit"), (int) json.integer("processes", 0, Integer.MAX_VALUE),
                json.integer("diskRead"), json.integer("diskWritten"), json.integer("netReceived"),
                json.integer("netSent"));
    }
}
