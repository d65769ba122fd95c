package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The JSON of an image with one layer more. Source: OCI image-spec, config.md.
final class ImageText {
    private ImageText() {}

    /// @param below of the image below, as it is stored
    /// @param config how the new image is run
    /// @param layerHex SHA-256 of the new layer's tar
    static String of(JsonObject below, JsonObject config, String layerHex, Instant now, String author, String comment) {
        var image = JsonObject.parse(below.toText());
        var root = image.findObject("rootfs").orElseGet(() -> new JsonObject().put("type", "layers"));
        var layers = new ArrayList<>(root.has("diff_ids") ? root.texts("diff_ids") : List.of());
        layers.add("sha256:" + layerHex);
        var steps = new ArrayList<>(image.has("history") ? image.objects("history") : List.of());
        var step = new JsonObject().put("created", now.toString()).put("created_by", String.join(" ", config.has("Cmd") ? config.texts("Cmd") : List.of()));
        if (!author.isEmpty()) {
            step.put("author", author);
            image.put("author", author);
        }
        if (!comment.isEmpty()) step.put("comment", comment);
        steps.add(step);
        return Json.of(image.put("created", now.toString()).put("config", config)
                .put("rootfs", root.putTexts("diff_ids", layers)).putObjects("history", steps)).toText();
    }
}
