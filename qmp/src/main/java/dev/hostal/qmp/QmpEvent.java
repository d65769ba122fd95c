package dev.hostal.qmp;

import dev.hostal.json.JsonObject;
import java.time.Instant;

/// Something that QEMU told unasked. Source: docs/interop/qmp-spec.txt, 2.5.
///
/// @param name such as `SHUTDOWN`
/// @param data empty where the event has none
/// @param time by the host's clock; the epoch where QEMU could not tell
public record QmpEvent(String name, JsonObject data, Instant time) {
    static QmpEvent from(JsonObject message) {
        var timestamp = message.object("timestamp");
        long seconds = timestamp.integer("seconds");
        var time = seconds < 0
                ? Instant.EPOCH
                : Instant.ofEpochSecond(seconds, 1000 * timestamp.integer("microseconds", 0, 999_999));
        return new QmpEvent(message.text("event"), message.findObject("data").orElseGet(JsonObject::new), time);
    }
}
