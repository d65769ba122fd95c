package dev.hostal.oci;

import static dev.hostal.base.Check.require;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// An image for one platform: its config and its layers, lowest first.
/// Source: OCI image-spec, manifest.md; Docker's schema 2 manifest has the same members.
///
/// @param artifactType what it is where its layers are no root file system
public record Manifest(String mediaType, Optional<String> artifactType, Descriptor config, List<Descriptor> layers,
        Map<String, String> annotations) {
    /// Source: the most that Docker's overlay driver stacks is 128.
    public static final int LAYERS_MAX = 128;
    /// What registries accept as a manifest at most. Source: OCI distribution-spec, "Pushing Manifests".
    public static final int BYTES_MAX = 4 << 20;

    public Manifest {
        require(layers.size() <= LAYERS_MAX, "an image has at most %d layers, not %d", LAYERS_MAX, layers.size());
        layers = List.copyOf(layers);
        annotations = Map.copyOf(annotations);
    }

    public Manifest(String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
        this(mediaType, Optional.empty(), config, layers, annotations);
    }

    public static Manifest of(Descriptor config, List<Descriptor> layers) {
        return new Manifest(MediaTypes.OCI_MANIFEST, config, layers, Map.of());
    }

    /// @param mediaType as the registry or the index said; the document may leave it out
    /// @throws JsonException the bytes are no manifest
    public static Manifest parse(String mediaType, byte[] blob) {
        var json = JsonObject.parse(new String(blob, StandardCharsets.UTF_8));
        return JsonReading.checked("an image manifest", () -> {
            require(json.integer("schemaVersion") == 2, "only manifests of schema version 2 are read");
            return new Manifest(
                    json.findText("mediaType").orElse(mediaType),
                    json.findText("artifactType"),
                    Descriptor.from(json.object("config")),
                    json.array("layers").isEmpty() ? List.of()
                            : json.objects("layers").stream().map(Descriptor::from).toList(),
                    json.textMap("annotations"));
        });
    }

    public byte[] toBytes() {
        var json = new JsonObject()
                .put("schemaVersion", 2)
                .put("mediaType", mediaType)
                .putIfPresent("artifactType", artifactType)
                .put("config", config.toJson())
                .putObjects("layers", layers.stream().map(Descriptor::toJson).toList());
        if (!annotations.isEmpty()) json.putTexts("annotations", new TreeMap<>(annotations));
        return json.toText().getBytes(StandardCharsets.UTF_8);
    }

    /// Whether it is a disk that a virtual machine boots from; see decision 102.
    public boolean isDisk() {
        return artifactType.filter(MediaTypes.VM_DISK::equals).isPresent();
    }

    /// Of everything the image consists of but the manifest itself.
    public long size() {
        return layers.stream().mapToLong(Descriptor::size).reduce(config.size(), Math::addExact);
    }
}
