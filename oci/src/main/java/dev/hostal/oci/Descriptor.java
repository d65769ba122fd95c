package dev.hostal.oci;

import static dev.hostal.base.Check.require;

import dev.hostal.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Points to a blob: what it is, what it must hash to, how long it must be.
/// Source: OCI image-spec, descriptor.md.
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        Optional<Platform> platform,
        Map<String, String> annotations) {
    /// Annotation with the name of what is pointed to. Source: OCI image-spec, annotations.md.
    public static final String REF_NAME = "org.opencontainers.image.ref.name";

    public Descriptor {
        require(size >= 0, "a blob has no negative size");
        annotations = Map.copyOf(annotations);
    }

    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Optional.empty(), Map.of());
    }

    public static Descriptor of(String mediaType, byte[] content) {
        return of(mediaType, Digest.of(content), content.length);
    }

    public Descriptor withPlatform(Platform other) {
        return new Descriptor(mediaType, digest, size, Optional.of(other), annotations);
    }

    public Descriptor withAnnotation(String name, String value) {
        var all = new TreeMap<>(annotations);
        all.put(name, value);
        return new Descriptor(mediaType, digest, size, platform, all);
    }

    public Descriptor withoutAnnotation(String name) {
        var all = new TreeMap<>(annotations);
        all.remove(name);
        return new Descriptor(mediaType, digest, size, platform, all);
    }

    public Optional<String> annotation(String name) {
        return Optional.ofNullable(annotations.get(name));
    }

    static Descriptor from(JsonObject json) {
        return new Descriptor(
                json.text("mediaType"),
                new Digest(json.text("digest")),
                json.integer("size", 0, Long.MAX_VALUE),
                json.findObject("platform").map(Platform::from),
                json.textMap("annotations"));
    }

    JsonObject toJson() {
        var json = new JsonObject()
                .put("mediaType", mediaType)
                .put("digest", digest.value())
                .put("size", size);
        platform.ifPresent(value -> json.put("platform", value.toJson()));
        return annotations.isEmpty() ? json : json.putTexts("annotations", new TreeMap<>(annotations));
    }
}
