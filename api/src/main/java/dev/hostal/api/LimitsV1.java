package dev.hostal.api;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Limits;

/// Limits as it is on the wire of `/v1`; members that say nothing are left out. What they mean: [Limits].
public final class LimitsV1 {
    private LimitsV1() {}

    public static JsonObject toJson(Limits limits) {
        var json = new JsonObject();
        limits.cpuQuota().ifPresent(number -> json.put("cpuQuota", number));
        limits.cpuWeight().ifPresent(count -> json.put("cpuWeight", count));
        json.putIfPresent("cpuset", limits.cpuset());
        limits.memorySwap().ifPresent(bytes -> json.put("memorySwap", bytes.count()));
        limits.memoryReservation().ifPresent(bytes -> json.put("memoryReservation", bytes.count()));
        limits.oomScoreAdj().ifPresent(score -> json.put("oomScoreAdj", score));
        limits.pids().ifPresent(count -> json.put("pids", count));
        limits.ioWeight().ifPresent(count -> json.put("ioWeight", count));
        if (!limits.ioMax().isEmpty()) json.putTexts("ioMax", limits.ioMax());
        limits.logSize().ifPresent(bytes -> json.put("logSize", bytes.count()));
        limits.swappiness().ifPresent(share -> json.put("swappiness", share));
        if (!limits.ulimits().isEmpty()) json.putTexts("ulimits", limits.ulimits());
        return json;
    }

    public static Limits from(JsonObject json) {
        json.onlyMembers("cpuQuota", "cpuWeight", "cpuset", "memorySwap", "memoryReservation", "oomScoreAdj",
                "pids", "ioWeight", "ioMax", "logSize", "swappiness", "ulimits");
        return new Limits(
                json.findNumber("cpuQuota"),
                json.findInt("cpuWeight"),
                json.findText("cpuset"),
                json.findInteger("memorySwap").map(Bytes::new),
                json.findInteger("memoryReservation").map(Bytes::new),
                json.findInt("oomScoreAdj", -1000, 1000),
                json.findInt("pids"),
                json.findInt("ioWeight"),
                json.texts("ioMax"),
                json.findInteger("logSize").map(Bytes::new),
                json.findInt("swappiness", 0, 100),
                json.textMap("ulimits"));
    }
}
