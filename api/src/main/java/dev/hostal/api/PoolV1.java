package dev.hostal.api;

import dev.hostal.json.JsonObject;

/// A pool: forks of one instance that wait to be taken.
///
/// @param from id of the instance that was forked
/// @param ready how many are to wait
/// @param waiting how many wait now
/// @param taken how many were handed out
public record PoolV1(String name, String from, int ready, int waiting, long taken, String createdAt) {
    public JsonObject toJson() {
        return new JsonObject().put("name", name).put("from", from).put("ready", ready).put("waiting", waiting)
                .put("taken", taken).put("createdAt", createdAt);
    }

    public static PoolV1 from(JsonObject json) {
        return new PoolV1(json.text("name"), json.text("from"), (int) json.integer("ready"),
                (int) json.integer("waiting"), json.integer("taken"), json.text("createdAt"));
    }
}
