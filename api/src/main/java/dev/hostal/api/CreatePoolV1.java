package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Pool;

/// Body of `POST /v1/pools`.
///
/// @param from a running instance, by name or id
/// @param ready how many forks of it are to wait
public record CreatePoolV1(String name, String from, int ready) {
    public JsonObject toJson() {
        return new JsonObject().put("name", name).put("from", from).put("ready", ready);
    }

    public static CreatePoolV1 from(JsonObject json) {
        json.onlyMembers("name", "from", "ready");
        return new CreatePoolV1(json.text("name"), json.text("from"),
                (int) json.integer("ready", 1, Pool.READY_MAX));
    }
}
