package dev.hostal.core.journal;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Limits;
import java.util.Optional;

/// Limits as it stands in the journal, version 1. Members that say nothing are left out.
final class LimitsV1 {
    private LimitsV1() {}

    static JsonObject toJson(Limits limits) {
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

    static Limits from(JsonObject json) {
        return new Limits(
                json.has("cpuQuota") ? Optional.of(json.number("cpuQuota")) : Optional.empty(),
                json.has("cpuWeight") ? Optional.of((int) json.integer("cpuWeight", Integer.MIN_VALUE, Integer.MAX_VALUE)) : Optional.empty(),
                json.findText("cpuset"),
                json.has("memorySwap") ? Optional.of(new Bytes(json.integer("memorySwap"))) : Optional.empty(),
                json.has("memoryReservation") ? Optional.of(new Bytes(json.integer("memoryReservation"))) : Optional.empty(),
                json.has("oomScoreAdj") ? Optional.of((int) json.integer("oomScoreAdj", -1000, 1000)) : Optional.empty(),
                json.has("pids") ? Optional.of((int) json.integer("pids", Integer.MIN_VALUE, Integer.MAX_VALUE)) : Optional.empty(),
                json.has("ioWeight") ? Optional.of((int) json.integer("ioWeight", Integer.MIN_VALUE, Integer.MAX_VALUE)) : Optional.empty(),
                json.texts("ioMax"),
                json.has("logSize") ? Optional.of(new Bytes(json.integer("logSize"))) : Optional.empty(),
                json.has("swappiness") ? Optional.of((int) json.integer("swappiness", 0, 100)) : Optional.empty(),
                json.textMap("ulimits"));
    }
}
