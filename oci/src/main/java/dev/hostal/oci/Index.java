package dev.hostal.oci;

import static dev.hostal.base.Check.require;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One image for several platforms, or the table of contents of an image layout.
/// Source: OCI image-spec, image-index.md; Docker's manifest list has the same members.
public record Index(String mediaType, List<Descriptor> manifests, Map<String, String> annotations) {
    public static final Index EMPTY = new Index(MediaTypes.OCI_INDEX, List.of(), Map.of());
    /// Chosen: far more than any list of platforms, and than the images of one host.
    public static final int MANIFESTS_MAX = 10_000;

    // Attestations of BuildKit stand in the index beside the images, for a platform that does not exist.
    private static final String ATTESTATION = "vnd.docker.reference.type";

    public Index {
        require(manifests.size() <= MANIFESTS_MAX, "an index has at most %d manifests, not %d",
                MANIFESTS_MAX, manifests.size());
        manifests = List.copyOf(manifests);
        annotations = Map.copyOf(annotations);
    }

    public static Index of(List<Descriptor> manifests) {
        return new Index(MediaTypes.OCI_INDEX, manifests, Map.of());
    }

    /// @throws JsonException the bytes are no index
    public static Index parse(String mediaType, byte[] blob) {
        var json = JsonObject.parse(new String(blob, StandardCharsets.UTF_8));
        return JsonReading.checked("an image index", () -> {
            require(json.integer("schemaVersion") == 2, "only indexes of schema version 2 are read");
            return new Index(
                    json.findText("mediaType").orElse(mediaType),
                    json.array("manifests").isEmpty() ? List.of()
                            : json.objects("manifests").stream().map(Descriptor::from).toList(),
                    json.textMap("annotations"));
        });
    }

    public byte[] toBytes() {
        var json = new JsonObject()
                .put("schemaVersion", 2)
                .put("mediaType", mediaType)
                .putObjects("manifests", manifests.stream().map(Descriptor::toJson).toList());
        if (!annotations.isEmpty()) json.putTexts("annotations", new TreeMap<>(annotations));
        return json.toText().getBytes(StandardCharsets.UTF_8);
    }

    /// The image for guests of that architecture; the closest variant where there are several.
    public Optional<Descriptor> select(Arch arch) {
        return images().stream()
                .filter(image -> image.platform().filter(platform -> platform.runsOn(arch)).isPresent())
                .max(Comparator.comparingInt(image -> image.platform().orElseThrow().closenessTo(arch)));
    }

    /// The platforms there are, for a sentence.
    public List<Platform> platforms() {
        return images().stream().flatMap(image -> image.platform().stream()).toList();
    }

    /// The entries that are images, attestations left out.
    public List<Descriptor> images() {
        return manifests.stream().filter(entry -> entry.annotation(ATTESTATION).isEmpty()).toList();
    }
}
