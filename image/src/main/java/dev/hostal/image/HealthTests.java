package dev.hostal.image;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.HealthCheck;
import java.time.Duration;
import java.util.Optional;

/// An image's `Healthcheck`. Source: docker's image specification.
final class HealthTests {
    private HealthTests() {}

    /// One that makes no sense is none: the image may be run all the same.
    ///
    /// @param text the JSON object; empty where the image has none
    static HealthCheck of(String text) {
        if (text.isEmpty()) return HealthCheck.NONE;
        try {
            var json = JsonObject.parse(text);
            return new HealthCheck(json.texts("Test"), nanos(json, "Interval"), nanos(json, "Timeout"),
                    nanos(json, "StartPeriod"), count(json, "Retries"));
        } catch (JsonException | IllegalArgumentException _) {
            return HealthCheck.NONE;
        }
    }

    /// 0 means: not said.
    private static Optional<Duration> nanos(JsonObject json, String name) {
        return json.findInteger(name).map(Duration::ofNanos).filter(Duration::isPositive);
    }

    private static Optional<Integer> count(JsonObject json, String name) {
        return json.findInt(name, 0, Integer.MAX_VALUE).filter(times -> times > 0);
    }
}
