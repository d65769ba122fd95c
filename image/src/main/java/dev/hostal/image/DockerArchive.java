package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerLimits;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layout.Blobs;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The form of `docker save`: a file for each config and each plain layer, and `manifest.json`, which lists them.
///
/// Source: Docker, image specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
final class DockerArchive {
    static final String MANIFEST = "manifest.json";

    private final Blobs blobs;

    DockerArchive(Blobs blobs) {
        this.blobs = blobs;
    }

    // ---- reading

    /// @throws BadLayerException something that it lists is not there
    /// @throws JsonException a document of it cannot be read
    List<ArchivedImage> read(ArchiveFiles files) throws IOException {
        var text = new String(files.document(MANIFEST, Manifest.BYTES_MAX), UTF_8);
        var images = new ArrayList<ArchivedImage>();
        for (var listed : JsonObject.parse("{\"images\":" + text + "}").objects("images")) {
            images.add(image(listed, files));
        }
        return images;
    }

    private ArchivedImage image(JsonObject listed, ArchiveFiles files) throws IOException {
        var bytes = files.document(listed.text("Config"), Manifest.BYTES_MAX);
        var config = ImageConfig.parse(bytes);
        var layers = new ArrayList<Descriptor>();
        for (var name : listed.texts("Layers")) {
            var file = files.get(name);
            boolean packed = file.mediaType().equals(MediaTypes.OCI_LAYER_GZIP);
            layers.add(packed ? file : Descriptor.of(mediaType(file), file.digest(), file.size()));
        }
        if (layers.size() != config.diffIds().size() || layers.isEmpty()) {
            throw new BadLayerException("the archive lists %d layers of an image whose config lists %d".formatted(
                    layers.size(), config.diffIds().size()));
        }
        var manifest = Manifest.of(blobs.write(MediaTypes.OCI_CONFIG, bytes), layers);
        var entry = blobs.write(MediaTypes.OCI_MANIFEST, manifest.toBytes()).withPlatform(config.platform())
                .withAnnotation(StoredImage.PACKED, "true");
        return new ArchivedImage(names(listed), entry, manifest, config);
    }

    private String mediaType(Descriptor file) throws IOException {
        try (var in = blobs.open(file.digest())) {
            var head = in.readNBytes(2);
            if (head.length == 2 && (head[0] & 0xff) == 0x1f) return MediaTypes.OCI_LAYER_GZIP;
            return head.length == 2 && (head[0] & 0xff) == 0x28 ? MediaTypes.OCI_LAYER_ZSTD : MediaTypes.OCI_LAYER;
        }
    }

    /// `RepoTags` is null in an archive of an image that was saved by its id.
    private static List<ImageReference> names(JsonObject listed) {
        if (!listed.has("RepoTags")) return List.of();
        return listed.texts("RepoTags").stream().map(ImageReference::parse).toList();
    }

    // ---- writing

    /// An archive to be written: all that can be wrong was found before its first byte.
    record Draft(List<SavedImage> images, Map<Digest, Layer> layers) {}

    /// @param blob from which it is unpacked
    /// @param size of its tar
    record Layer(Descriptor blob, long size) {}

    /// Reads every layer once: a tar archive says the length of a file before its content.
    ///
    /// @throws BadLayerException the store's layer is damaged
    Draft draft(List<SavedImage> images, LayerLimits limits) throws IOException {
        var layers = new LinkedHashMap<Digest, Layer>();
        for (var saved : images) {
            var image = saved.images().getFirst();
            for (int i = 0; i < image.manifest().layers().size(); i++) {
                var diffId = image.config().diffIds().get(i);
                if (layers.containsKey(diffId)) continue;
                var blob = image.manifest().layers().get(i);
                layers.put(diffId, new Layer(blob, plainSize(blob, diffId, limits)));
            }
        }
        return new Draft(List.copyOf(images), layers);
    }

    private long plainSize(Descriptor blob, Digest diffId, LayerLimits limits) throws IOException {
        try (var tar = LayerTar.ofBlob(blobs.open(blob.digest()), blob.size(), limits)) {
            if (!tar.finish().equals(diffId)) {
                throw new BadLayerException("the store's layer %s is damaged".formatted(blob.digest()));
            }
            return tar.length();
        }
    }

    void write(Draft draft, OutputStream out, LayerLimits limits) throws IOException {
        var archive = new ArchiveWriter(out);
        for (var layer : draft.layers().entrySet()) {
            var blob = layer.getValue().blob();
            try (var tar = LayerTar.ofBlob(blobs.open(blob.digest()), blob.size(), limits)) {
                archive.file(layerFile(layer.getKey()), layer.getValue().size(), tar);
            }
        }
        var configs = new HashSet<Digest>();
        var list = new ArrayList<JsonObject>();
        for (var saved : draft.images()) {
            var image = saved.images().getFirst();
            var config = image.manifest().config().digest();
            if (configs.add(config)) archive.file(config.hex() + ".json", blobs.read(config));
            var tag = Optional.of(saved.name()).filter(name -> name.tag().isPresent());
            list.add(new JsonObject().put("Config", config.hex() + ".json")
                    .putTexts("RepoTags", tag.map(ImageReference::familiar).stream().toList())
                    .putTexts("Layers", image.config().diffIds().stream().map(DockerArchive::layerFile).toList()));
        }
        archive.file(MANIFEST, new Json.Array(list.stream().map(Json::of).toList()).toText().getBytes(UTF_8));
        archive.finish();
    }

    private static String layerFile(Digest diffId) {
        return diffId.hex() + ".tar";
    }
}
