package dev.hostal.api;

import dev.hostal.json.JsonObject;

public final class OpenApi {
    private OpenApi() {}

    public static JsonObject document() {
        return new JsonObject();
    }
}
