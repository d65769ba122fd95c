package dev.hostal.image;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.build.BuildStore.Layer;
import dev.hostal.image.disk.Qcow2File;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Disks of virtual machines in the store: artifacts of one layer, whose blob is the disk itself. See decision 102.
final class DiskStore {
    /// What tools of the field call the file that they write. Source: OCI image-spec, annotations.md.
    private static final String TITLE = "org.opencontainers.image.title";
    private static final String FILE = "disk.qcow2";
    private static final String HISTORY = "hostal build --vm";

    private final LocalImages images;
    private final ImageStore store;

    DiskStore(LocalImages images, ImageStore store) {
        this.images = images;
        this.store = store;
    }

    /// Keeps a disk as a blob.
    Layer take(Path file) throws IOException {
        try (var blob = store.blobs().create()) {
            Files.copy(file, blob);
            var kept = blob.commit(MediaTypes.QCOW2);
            return new Layer(kept.digest(), kept);
        }
    }

    /// Keeps the artifact under its names.
    ///
    /// @param config of the image that the disk was made of
    Images.Image put(JsonObject config, Layer disk, Bytes size, Arch arch, BootAbilities abilities,
            List<ImageReference> tags) throws IOException {
        var blobs = store.blobs();
        var document = blobs.write(MediaTypes.OCI_CONFIG, config(config, disk).toText().getBytes(StandardCharsets.UTF_8));
        var layer = disk.blob().withAnnotation(TITLE, FILE);
        var annotations = abilities.bringsInit() ? Map.of(StoredImage.INIT, "true") : Map.<String, String>of();
        var manifest = new Manifest(MediaTypes.OCI_MANIFEST, Optional.of(MediaTypes.VM_DISK), document, List.of(layer),
                annotations);
        var blob = blobs.write(MediaTypes.OCI_MANIFEST, manifest.toBytes());
        var entry = entry(blob, manifest, arch, LocalBuilds.SOURCE);
        for (var name : tags.isEmpty() ? List.of(ImageStore.nameless(blob.digest())) : tags) store.put(name, entry);
        return images.byDigest(blob.digest().value()).orElseThrow(() -> new IOException("the disk vanished as it came"));
    }

    /// The steps of the image made no layer of this.
    private static JsonObject config(JsonObject config, Layer disk) {
        var steps = new ArrayList<JsonObject>();
        config.objects("history").forEach(step -> steps.add(JsonObject.parse(step.toText()).put("empty_layer", true)));
        var last = new JsonObject().putIfPresent("created", config.findText("created")).put("created_by", HISTORY);
        steps.add(last);
        return JsonObject.parse(config.toText()).putObjects("history", steps)
                .put("rootfs", new JsonObject().put("type", "layers").putTexts("diff_ids", List.of(disk.diffId().value())));
    }

    /// An entry of the index for an artifact that is such a disk.
    static Descriptor entry(Descriptor document, Manifest manifest, Arch arch, String source) {
        boolean boots = "true".equals(manifest.annotations().get(StoredImage.INIT));
        return Entries.of(document, Platform.of(arch), source, new BootAbilities(boots, Optional.empty()));
    }

    /// Checks a disk that came from elsewhere.
    ///
    /// @throws IOException QEMU is not to open it
    void check(Manifest manifest) throws IOException {
        if (manifest.layers().size() != 1 || !manifest.layers().getFirst().mediaType().equals(MediaTypes.QCOW2)) {
            throw new IOException("a disk is one layer of the type " + MediaTypes.QCOW2);
        }
        Qcow2File.size(store.blobs().path(manifest.layers().getFirst().digest()));
    }

    Images.Disk disk(StoredImage image) throws IOException {
        var layer = image.manifest().layers().getFirst();
        var file = store.blobs().path(layer.digest());
        return new Images.Disk(layer.digest().value(), file, Qcow2File.size(file));
    }

    /// Writes the disk, for whoever has no use for an artifact.
    void write(StoredImage image, OutputStream out) throws IOException {
        if (!image.manifest().isDisk()) throw new Problem(ErrorCode.UNSUPPORTED, """
                The image %s is no disk of a virtual machine.
                Maybe build it with --vm.""".formatted(image.digest()));
        try (var in = store.blobs().open(image.manifest().layers().getFirst().digest())) {
            in.transferTo(out);
        }
    }

    static Problem isDisk(String what) {
        return new Problem(ErrorCode.UNSUPPORTED,
                what + " is a disk that a virtual machine boots from, and no root file system.\nMaybe run it with --vm.");
    }

    static void remove(Path folder) throws IOException {
        List<Path> all;
        try (var found = Files.walk(folder)) {
            all = found.toList();
        }
        for (var path : all.reversed()) Files.deleteIfExists(path);
    }
}
