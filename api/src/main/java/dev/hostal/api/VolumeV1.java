package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A volume.
///
/// @param kind `files` or `block`
/// @param size in bytes, of a block volume's disk
/// @param source name of the volume that it was copied from
/// @param used bytes on the disk; only where one volume was asked for
/// @param users names of instances that need it
public record VolumeV1(
        String id,
        String name,
        String kind,
        OptionalLong size,
        boolean readOnly,
        Optional<String> source,
        Map<String, String> labels,
        List<String> users,
        OptionalLong used,
        String createdAt) {
    public JsonObject toJson() {
        var json = new JsonObject().put("id", id).put("name", name).put("kind", kind);
        size.ifPresent(bytes -> json.put("size", bytes));
        json.put("readOnly", readOnly).putIfPresent("source", source).putTexts("labels", labels).putTexts("users", users);
        used.ifPresent(bytes -> json.put("used", bytes));
        return json.put("createdAt", createdAt);
    }

    public static VolumeV1 from(JsonObject json) {
        return new VolumeV1(json.text("id"), json.text("name"), json.text("kind"), longOf(json, "size"),
                json.bool("readOnly"), json.findText("source"), json.textMap("labels"), json.texts("users"),
                longOf(json, "used"), json.text("createdAt"));
    }

    private static OptionalLong longOf(JsonObject json, String name) {
        return json.has(name) ? OptionalLong.of(json.integer(name)) : OptionalLong.empty();
    }
}
