package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Optional;

/// Body of `POST /v1/forks`.
///
/// @param instances running ones; several are forked at one instant, each once
/// @param count how often the only one is forked
/// @param name of the fork, or what the forks' names begin with; of several instances, what their forks' names end with
/// @param sameIdentity the forks keep MAC, addresses and host name
public record ForkV1(List<String> instances, int count, Optional<String> name, boolean sameIdentity) {
    public static final int INSTANCES_MAX = 64;
    public static final int COUNT_MAX = 64;

    public ForkV1 {
        instances = List.copyOf(instances);
    }

    public JsonObject toJson() {
        return new JsonObject().putTexts("instances", instances).put("count", count).putIfPresent("name", name)
                .put("sameIdentity", sameIdentity);
    }

    public static ForkV1 from(JsonObject json) {
        json.onlyMembers("instances", "count", "name", "sameIdentity");
        return new ForkV1(json.texts("instances"), (int) json.integer("count", 1, COUNT_MAX, 1), json.findText("name"),
                json.bool("sameIdentity", false));
    }
}
