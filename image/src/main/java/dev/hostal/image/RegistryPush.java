package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.Registries.Document;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.util.ArrayList;

/// Brings an image from the store into a registry: blobs first, the manifest that names them last.
final class RegistryPush {
    private final Registries registries;
    private final ImageStore store;

    RegistryPush(Registries registries, ImageStore store) {
        this.registries = registries;
        this.store = store;
    }

    /// @throws dev.hostal.oci.registry.RegistryException what came through stays there, without a name
    void push(StoredImage image, ImageReference target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var blobs = new ArrayList<>(image.manifest().layers());
        blobs.add(image.manifest().config());
        long total = blobs.stream().mapToLong(Descriptor::size).sum();
        var tally = new Tally("uploading " + target.familiar(), total, progress);
        for (var blob : blobs) {
            registries.upload(target, blob, store.blobs(), deadline);
            tally.add(blob.size());
        }
        var manifest = Descriptor.of(image.entry().mediaType(), image.digest(), image.entry().size());
        registries.uploadManifest(target, new Document(manifest, store.blobs().read(image.digest())), deadline);
    }
}
