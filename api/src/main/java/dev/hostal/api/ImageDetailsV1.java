package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Optional;

/// An image in full, as `GET /v1/images/{image}` shows it.
///
/// @param platforms architectures for which the reference is here
/// @param manifest the document as it is stored
/// @param config the document as it is stored
public record ImageDetailsV1(ImageV1 image, List<String> platforms, List<Layer> layers, List<Step> history,
        JsonObject manifest, JsonObject config) {
    /// @param size in bytes, of its blob
    public record Layer(String digest, String diffId, String mediaType, long size) {
        JsonObject toJson() {
            return new JsonObject().put("digest", digest).put("diffId", diffId).put("mediaType", mediaType).put("size", size);
        }

        static Layer from(JsonObject json) {
            return new Layer(json.text("digest"), json.text("diffId"), json.text("mediaType"), json.integer("size"));
        }
    }

    /// @param size in bytes, 0 where it left no layer
    public record Step(Optional<String> createdAt, String createdBy, Optional<String> comment, long size) {
        JsonObject toJson() {
            return new JsonObject().putIfPresent("createdAt", createdAt).put("createdBy", createdBy)
                    .putIfPresent("comment", comment).put("size", size);
        }

        static Step from(JsonObject json) {
            return new Step(json.findText("createdAt"), json.text("createdBy"), json.findText("comment"),
                    json.integer("size"));
        }
    }

    public ImageDetailsV1 {
        platforms = List.copyOf(platforms);
        layers = List.copyOf(layers);
        history = List.copyOf(history);
    }

    public JsonObject toJson() {
        return new JsonObject().put("image", image.toJson()).putTexts("platforms", platforms)
                .putObjects("layers", layers.stream().map(Layer::toJson).toList())
                .putObjects("history", history.stream().map(Step::toJson).toList())
                .put("manifest", manifest).put("config", config);
    }

    public static ImageDetailsV1 from(JsonObject json) {
        return new ImageDetailsV1(ImageV1.from(json.object("image")), json.texts("platforms"),
                json.objects("layers").stream().map(Layer::from).toList(),
                json.objects("history").stream().map(Step::from).toList(), json.object("manifest"), json.object("config"));
    }
}
