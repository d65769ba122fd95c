package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.WrongContentException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An OCI image layout as a tar archive. Source: OCI image-spec, image-layout.md.
final class OciArchive {
    static final String LAYOUT = "oci-layout";
    static final String INDEX = "index.json";
    /// The whole name, where the one of OCI is only a tag. Source: containerd, images/annotations.go.
    private static final String CONTAINERD_NAME = "io.containerd.image.name";

    private final Blobs blobs;

    OciArchive(Blobs blobs) {
        this.blobs = blobs;
    }

    // ---- reading

    /// Those images of the archive that are in it with all their blobs: an index may name further platforms.
    ///
    /// @throws BadLayerException there is none such
    /// @throws JsonException a document of it cannot be read
    List<ArchivedImage> read(ArchiveFiles files) throws IOException {
        var version = JsonObject.parse(new String(files.document(LAYOUT, Manifest.BYTES_MAX), UTF_8));
        if (!version.text("imageLayoutVersion").equals("1.0.0")) {
            throw new BadLayerException("the archive is an OCI layout of another version than 1.0.0");
        }
        var index = Index.parse(MediaTypes.OCI_INDEX, files.document(INDEX, Manifest.BYTES_MAX));
        var images = new ArrayList<ArchivedImage>();
        for (var entry : index.images()) {
            var name = name(entry);
            if (MediaTypes.isManifest(entry.mediaType())) {
                image(entry, name, files).ifPresent(images::add);
            } else if (MediaTypes.isIndex(entry.mediaType()) && files.blob(entry.digest()).isPresent()) {
                for (var inner : Index.parse(entry.mediaType(), blobs.read(entry.digest())).images()) {
                    if (MediaTypes.isManifest(inner.mediaType())) image(inner, name, files).ifPresent(images::add);
                }
            }
        }
        if (images.isEmpty()) throw new BadLayerException("the archive holds no image with all its layers");
        return images;
    }

    private Optional<ArchivedImage> image(Descriptor entry, List<ImageReference> names, ArchiveFiles files)
            throws IOException {
        if (!isThere(entry, files) || entry.size() > Manifest.BYTES_MAX) return Optional.empty();
        var manifest = Manifest.parse(entry.mediaType(), blobs.read(entry.digest()));
        if (!MediaTypes.isImageConfig(manifest.config().mediaType()) || manifest.layers().isEmpty()) return Optional.empty();
        boolean whole = isThere(manifest.config(), files)
                && manifest.layers().stream().allMatch(layer -> isThere(layer, files));
        if (!whole || manifest.config().size() > Manifest.BYTES_MAX) return Optional.empty();
        var config = ImageConfig.parse(blobs.read(manifest.config().digest()));
        if (manifest.layers().size() != config.diffIds().size()) {
            throw new BadLayerException("the archive's manifest %s does not fit its config".formatted(entry.digest()));
        }
        var kept = Descriptor.of(entry.mediaType(), entry.digest(), entry.size()).withPlatform(config.platform());
        return Optional.of(new ArchivedImage(names, kept, manifest, config));
    }

    private static boolean isThere(Descriptor blob, ArchiveFiles files) {
        return files.blob(blob.digest()).filter(file -> file.size() == blob.size()).isPresent();
    }

    /// A tag alone is no name: it says nothing of the image.
    private static List<ImageReference> name(Descriptor entry) {
        var text = entry.annotation(CONTAINERD_NAME).or(() -> entry.annotation(Descriptor.REF_NAME)
                .filter(name -> name.contains("/") || name.contains(":")));
        try {
            return text.map(ImageReference::parse).stream().toList();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    // ---- writing

    /// @throws WrongContentException a blob of the store is damaged; the archive is of no use then
    void write(List<SavedImage> images, OutputStream out) throws IOException {
        var archive = new ArchiveWriter(out);
        var written = new LinkedHashMap<Digest, Descriptor>();
        var documents = new LinkedHashMap<Digest, byte[]>();
        var entries = new ArrayList<Descriptor>();
        for (var saved : images) {
            for (var image : saved.images()) {
                image.manifest().layers().forEach(layer -> written.put(layer.digest(), layer));
                written.put(image.manifest().config().digest(), image.manifest().config());
                written.put(image.digest(), manifest(image));
            }
            entries.add(entry(saved, documents));
        }
        archive.file(LAYOUT, new JsonObject().put("imageLayoutVersion", "1.0.0").toText().getBytes(UTF_8));
        archive.folder("blobs");
        archive.folder("blobs/sha256");
        for (var blob : written.values()) {
            try (var content = new Verified(blobs.open(blob.digest()), blob.digest())) {
                archive.file("blobs/sha256/" + blob.digest().hex(), blob.size(), content);
            }
        }
        for (var document : documents.entrySet()) {
            archive.file("blobs/sha256/" + document.getKey().hex(), document.getValue());
        }
        archive.file(INDEX, Index.of(entries).toBytes());
        archive.finish();
    }

    private static Descriptor entry(SavedImage saved, Map<Digest, byte[]> documents) {
        Descriptor entry;
        if (saved.images().size() == 1) {
            var image = saved.images().getFirst();
            entry = manifest(image).withPlatform(image.config().platform());
        } else {
            var index = Index.of(saved.images().stream()
                    .map(image -> manifest(image).withPlatform(image.config().platform())).toList());
            entry = Descriptor.of(index.mediaType(), index.toBytes());
            documents.put(entry.digest(), index.toBytes());
        }
        if (saved.name().tag().isEmpty()) return entry;
        return entry.withAnnotation(Descriptor.REF_NAME, saved.name().toString())
                .withAnnotation(CONTAINERD_NAME, saved.name().toString());
    }

    private static Descriptor manifest(StoredImage image) {
        return Descriptor.of(image.entry().mediaType(), image.digest(), image.entry().size());
    }

    /// Bytes that are what their digest says, or fail at their end.
    private static final class Verified extends FilterInputStream {
        private final Digest expected;
        private final MessageDigest sha256 = Digest.sha256();

        Verified(InputStream in, Digest expected) {
            super(in);
            this.expected = expected;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = in.read(bytes, offset, length);
            if (count >= 0) sha256.update(bytes, offset, count);
            else if (!Digest.of(sha256).equals(expected)) {
                throw new WrongContentException("the file of blob %s holds something else".formatted(expected));
            }
            return count;
        }
    }
}
