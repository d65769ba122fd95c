package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Index;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.Registries.Document;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/// Brings images from the store into a registry: blobs first, some at a time, then the manifests that name them, and
/// last the tag.
final class RegistryPush {
    /// Source: the default of Docker's `max-concurrent-uploads`.
    private static final int UPLOADS_AT_ONCE = 5;

    private final Registries registries;
    private final ImageStore store;
    private final Semaphore uploads = new Semaphore(UPLOADS_AT_ONCE);

    RegistryPush(Registries registries, ImageStore store) {
        this.registries = registries;
        this.store = store;
    }

    /// @param images of one name; several, for several architectures, come under one index
    /// @throws dev.hostal.oci.registry.RegistryException what came through stays there, without a name
    void push(List<StoredImage> images, ImageReference target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        uploadBlobs(images, target, progress, deadline);
        progress.report("naming " + target.familiar());
        if (images.size() == 1) {
            registries.uploadManifest(target, document(images.getFirst()), deadline);
            return;
        }
        var manifests = new ArrayList<Descriptor>();
        for (var image : images) {
            var document = document(image);
            var byDigest = new ImageReference(target.registry(), target.repository(), Optional.empty(),
                    Optional.of(image.digest().value()));
            registries.uploadManifest(byDigest, document, deadline);
            manifests.add(document.descriptor().withPlatform(image.config().platform()));
        }
        var index = Index.of(manifests);
        var bytes = index.toBytes();
        registries.uploadManifest(target, new Document(Descriptor.of(index.mediaType(), bytes), bytes), deadline);
    }

    private void uploadBlobs(List<StoredImage> images, ImageReference target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var blobs = new LinkedHashMap<Digest, Descriptor>();
        for (var image : images) {
            image.manifest().layers().forEach(layer -> blobs.putIfAbsent(layer.digest(), layer));
            blobs.putIfAbsent(image.manifest().config().digest(), image.manifest().config());
        }
        long total = blobs.values().stream().mapToLong(Descriptor::size).sum();
        var tally = new Tally("uploading " + target.familiar(), total, progress);
        var tasks = new ArrayList<Together.Task<Boolean>>();
        for (var blob : blobs.values()) {
            Tally.tell(blob, "waiting", progress);
            tasks.add(() -> {
                upload(target, blob, tally, progress, deadline);
                return true;
            });
        }
        Together.run(tasks);
    }

    private void upload(ImageReference target, Descriptor blob, Tally all, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        Set<String> elsewhere = store.repositoriesWith(blob.digest(), target.registry(), target.repository());
        uploads.acquire();
        try {
            var part = Tally.part(blob, "uploading", progress);
            registries.upload(target, blob, store.blobs(), elsewhere, count -> {
                all.add(count);
                part.add(count);
            }, deadline);
            Tally.tell(blob, "there", progress);
        } finally {
            uploads.release();
        }
    }

    private Document document(StoredImage image) throws IOException {
        var manifest = Descriptor.of(image.entry().mediaType(), image.digest(), image.entry().size());
        return new Document(manifest, store.blobs().read(image.digest()));
    }
}
