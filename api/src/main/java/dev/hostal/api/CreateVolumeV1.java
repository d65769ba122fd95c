package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Body of requests that make a volume.
///
/// @param name one is made up where absent
/// @param size in bytes, of a disk; a volume of files where absent
public record CreateVolumeV1(Optional<String> name, OptionalLong size, Map<String, String> labels) {
    public JsonObject toJson() {
        var json = new JsonObject().putIfPresent("name", name);
        size.ifPresent(bytes -> json.put("size", bytes));
        return json.putTexts("labels", labels);
    }

    public static CreateVolumeV1 from(JsonObject json) {
        json.onlyMembers("name", "size", "labels");
        return new CreateVolumeV1(json.findText("name"),
                json.has("size") ? OptionalLong.of(json.integer("size")) : OptionalLong.empty(), json.textMap("labels"));
    }
}
