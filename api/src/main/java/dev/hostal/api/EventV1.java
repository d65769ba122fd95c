package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.Map;

/// One event of `GET /v1/events`.
public record EventV1(long sequence, String time, String type, String subject, Map<String, String> attributes) {
    public JsonObject toJson() {
        return new JsonObject().put("sequence", sequence).put("time", time).put("type", type)
                .put("subject", subject).putTexts("attributes", attributes);
    }

    public static EventV1 from(JsonObject json) {
        return new EventV1(json.integer("sequence"), json.text("time"), json.text("type"), json.text("subject"),
                json.textMap("attributes"));
    }
}
