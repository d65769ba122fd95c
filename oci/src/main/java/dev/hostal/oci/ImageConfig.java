package dev.hostal.oci;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The config of an image: what it is for, how it is run, and the layers it is made of.
/// Source: OCI image-spec, config.md; Docker's schema 2 config has the same members.
///
/// @param diffIds digest of each layer's uncompressed tar, lowest first
/// @param history one entry for each step that made the image, those without a layer included
public record ImageConfig(
        Platform platform,
        Optional<Instant> created,
        ExecutionConfig config,
        List<Digest> diffIds,
        List<History> history) {
    /// One step in the making of an image.
    ///
    /// @param emptyLayer the step left no layer
    public record History(Optional<Instant> created, String createdBy, String comment, boolean emptyLayer) {
        /// A step that is told in words only.
        public static History of(String createdBy) {
            return new History(Optional.empty(), createdBy, "", false);
        }
    }

    public ImageConfig {
        diffIds = List.copyOf(diffIds);
        history = List.copyOf(history);
    }

    /// Without layers as yet; see [#withLayer].
    public static ImageConfig of(Platform platform, Instant created, ExecutionConfig config) {
        return new ImageConfig(platform, Optional.of(created), config, List.of(), List.of());
    }

    /// With one more layer on top.
    public ImageConfig withLayer(Digest diffId, String createdBy) {
        var ids = new ArrayList<>(diffIds);
        ids.add(diffId);
        var steps = new ArrayList<>(history);
        steps.add(History.of(createdBy));
        return new ImageConfig(platform, created, config, ids, steps);
    }

    /// @throws JsonException the bytes are no image config
    public static ImageConfig parse(byte[] blob) {
        var json = JsonObject.parse(new String(blob, StandardCharsets.UTF_8));
        return JsonReading.checked("an image config", () -> new ImageConfig(
                Platform.from(json),
                json.findText("created").map(ImageConfig::instant),
                json.findObject("config").map(ExecutionConfig::from).orElse(ExecutionConfig.EMPTY),
                json.object("rootfs").texts("diff_ids").stream().map(Digest::new).toList(),
                json.objects("history").stream()
                        .map(step -> new History(step.findText("created").map(ImageConfig::instant),
                                step.findText("created_by").orElse(""), step.findText("comment").orElse(""),
                                step.bool("empty_layer", false)))
                        .toList()));
    }

    /// The bytes to be stored; their digest is the image's id in Docker's sense.
    public byte[] toBytes() {
        var json = new JsonObject();
        created.ifPresent(time -> json.put("created", time.toString()));
        platform.toJson().members().forEach(json::put);
        json.put("config", config.toJson());
        json.put("rootfs", new JsonObject()
                .put("type", "layers")
                .putTexts("diff_ids", diffIds.stream().map(Digest::value).toList()));
        json.putObjects("history", history.stream().map(ImageConfig::step).toList());
        return json.toText().getBytes(StandardCharsets.UTF_8);
    }

    private static JsonObject step(History step) {
        var json = new JsonObject();
        step.created().ifPresent(time -> json.put("created", time.toString()));
        json.put("created_by", step.createdBy());
        if (!step.comment().isEmpty()) json.put("comment", step.comment());
        return step.emptyLayer() ? json.put("empty_layer", true) : json;
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("'%s' is not a time of RFC 3339".formatted(text), e);
        }
    }
}
