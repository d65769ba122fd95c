package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Care;
import java.time.Duration;

/// Care as it is on the wire of `/v1`; members that say nothing are left out. What they mean: [Care].
public final class CareV1 {
    private CareV1() {}

    public static JsonObject toJson(Care care) {
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

    public static Care from(JsonObject json) {
        json.onlyMembers("restart", "stopSignal", "healthCommand", "healthIntervalMillis",
                "healthTimeoutMillis", "healthStartPeriodMillis", "healthRetries");
        return new Care(
                json.findText("restart"),
                json.findText("stopSignal"),
                json.texts("healthCommand"),
                json.findInteger("healthIntervalMillis").map(Duration::ofMillis),
                json.findInteger("healthTimeoutMillis").map(Duration::ofMillis),
                json.findInteger("healthStartPeriodMillis").map(Duration::ofMillis),
                json.findInt("healthRetries"));
    }
}
