package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;

/// What `POST /v1/image-prune` removed.
///
/// @param images references, and the digests of images that had none
/// @param freed bytes on the disk
public record PrunedV1(List<String> images, long freed) {
    public PrunedV1 {
        images = List.copyOf(images);
    }

    public JsonObject toJson() {
        return new JsonObject().putTexts("images", images).put("freed", freed);
    }

    public static PrunedV1 from(JsonObject json) {
        return new PrunedV1(json.texts("images"), json.integer("freed"));
    }
}
