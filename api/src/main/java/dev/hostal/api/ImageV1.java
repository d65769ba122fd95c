package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;

/// An image of the store.
///
/// @param references familiar forms, such as `debian:12`
/// @param size in bytes, of its blobs
/// @param source where it came from: a registry's name, `packages`, `file`
public record ImageV1(
        String digest, List<String> references, String arch, long size, String createdAt, String source) {
    public JsonObject toJson() {
        return new JsonObject().put("digest", digest).putTexts("references", references).put("arch", arch)
                .put("size", size).put("createdAt", createdAt).put("source", source);
    }

    public static ImageV1 from(JsonObject json) {
        return new ImageV1(json.text("digest"), json.texts("references"), json.text("arch"), json.integer("size"),
                json.text("createdAt"), json.text("source"));
    }
}
