package dev.hostal.core.journal;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Care;
import java.time.Duration;
import java.util.Optional;

/// Care as it stands in the journal, version 1. Members that say nothing are left out.
final class CareV1 {
    private CareV1() {}

    static JsonObject toJson(Care care) {
        var json = new JsonObject();
        json.putIfPresent("restart", care.restart());
        json.putIfPresent("stopSignal", care.stopSignal());
        if (!care.healthCommand().isEmpty()) json.putTexts("healthCommand", care.healthCommand());
        care.healthInterval().ifPresent(time -> json.put("healthIntervalMillis", time.toMillis()));
        care.healthTimeout().ifPresent(time -> json.put("healthTimeoutMillis", time.toMillis()));
        care.healthStartPeriod().ifPresent(time -> json.put("healthStartPeriodMillis", time.toMillis()));
        care.healthRetries().ifPresent(count -> json.put("healthRetries", count));
        return json;
    }

    static Care from(JsonObject json) {
        return new Care(
                json.findText("restart"),
                json.findText("stopSignal"),
                json.texts("healthCommand"),
                json.has("healthIntervalMillis") ? Optional.of(Duration.ofMillis(json.integer("healthIntervalMillis"))) : Optional.empty(),
                json.has("healthTimeoutMillis") ? Optional.of(Duration.ofMillis(json.integer("healthTimeoutMillis"))) : Optional.empty(),
                json.has("healthStartPeriodMillis") ? Optional.of(Duration.ofMillis(json.integer("healthStartPeriodMillis"))) : Optional.empty(),
                json.has("healthRetries") ? Optional.of((int) json.integer("healthRetries", Integer.MIN_VALUE, Integer.MAX_VALUE)) : Optional.empty());
    }
}
