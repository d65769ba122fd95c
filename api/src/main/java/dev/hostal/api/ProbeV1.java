package dev.hostal.api;

import dev.hostal.json.JsonObject;

/// One verdict of `GET /v1/doctor`.
public record ProbeV1(String name, boolean works, boolean required, String reason, String remedy) {
    public JsonObject toJson() {
        return new JsonObject().put("name", name).put("works", works).put("required", required)
                .put("reason", reason).put("remedy", remedy);
    }

    public static ProbeV1 from(JsonObject json) {
        return new ProbeV1(json.text("name"), json.bool("works"), json.bool("required"), json.text("reason"),
                json.text("remedy"));
    }
}
