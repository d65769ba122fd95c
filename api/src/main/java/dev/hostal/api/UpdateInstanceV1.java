package dev.hostal.api;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Limits;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Body of `POST /v1/instances/{ref}/update`. What is missing stays as it is.
///
/// @param memory in bytes
/// @param limits those of its members that are there
/// @param restart a restart policy
public record UpdateInstanceV1(OptionalInt cpus, OptionalLong memory, Limits limits, Optional<String> restart) {
    public JsonObject toJson() {
        var json = new JsonObject();
        cpus.ifPresent(count -> json.put("cpus", count));
        memory.ifPresent(bytes -> json.put("memory", bytes));
        return json.put("limits", LimitsV1.toJson(limits)).putIfPresent("restart", restart);
    }

    public static UpdateInstanceV1 from(JsonObject json) {
        json.onlyMembers("cpus", "memory", "limits", "restart");
        return new UpdateInstanceV1(
                json.has("cpus") ? OptionalInt.of((int) json.integer("cpus", 1, InstanceSpec.CPUS_MAX)) : OptionalInt.empty(),
                json.has("memory") ? OptionalLong.of(json.integer("memory", InstanceSpec.CONTAINER_MEMORY_MIN.count(),
                        InstanceSpec.MEMORY_MAX.count())) : OptionalLong.empty(),
                json.findObject("limits").map(UpdateInstanceV1::limits).orElse(Limits.USUAL), json.findText("restart"));
    }

    private static Limits limits(JsonObject json) {
        try {
            return LimitsV1.from(json);
        } catch (IllegalArgumentException e) {
            throw new JsonException("limits", e.getMessage());
        }
    }
}
