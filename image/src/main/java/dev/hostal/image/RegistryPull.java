package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.LayerFiles.LayerFile;
import dev.hostal.json.JsonException;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.Registries.Document;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// Brings an image from its registry into the store: each layer is downloaded and, as soon as it is here, made
/// into its file while others are still under way.
final class RegistryPull {
    /// Source: the default of Docker's `max-concurrent-downloads`.
    private static final int DOWNLOADS_AT_ONCE = 3;

    private final Registries all;
    private final ImageStore store;
    private final Unpacking unpacking;
    private final DiskStore disks;
    private final Semaphore downloads = new Semaphore(DOWNLOADS_AT_ONCE);

    RegistryPull(Registries registries, ImageStore store, Unpacking unpacking, DiskStore disks) {
        this.disks = disks;
        this.all = registries;
        this.store = store;
        this.unpacking = unpacking;
    }

    /// One image to be pulled.
    private record Wanted(ImageReference reference, Manifest manifest, ImageConfig config, Registries registries,
            Deadline deadline) {}

    /// @throws dev.hostal.oci.registry.RegistryException the registry gives no image
    /// @throws Problem WRONG_ARCHITECTURE, UNSUPPORTED, REGISTRY_FAILED where what it gives is nonsense
    StoredImage pull(ImageReference reference, Arch arch, Optional<RegistryLogin> login, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        var registries = all.as(login);
        progress.report("asking %s for %s".formatted(reference.registry(), reference.familiar()));
        try {
            var document = manifestFor(registries, reference, arch, deadline);
            var manifest = Manifest.parse(document.descriptor().mediaType(), document.bytes());
            requireImage(reference, manifest);
            registries.download(reference, manifest.config(), store.blobs(), _ -> {}, deadline);
            var config = ImageConfig.parse(store.blobs().read(manifest.config().digest()));
            if (!config.platform().runsOn(arch)) throw wrongArch(reference, arch, List.of(config.platform()));
            if (config.diffIds().size() != manifest.layers().size()) {
                throw new JsonException("rootfs.diff_ids", "has another length than the manifest's layers");
            }
            var wanted = new Wanted(reference, manifest, config, registries, deadline);
            if (manifest.isDisk()) return disk(wanted, document, arch, progress);
            var files = fetch(wanted, progress);
            var abilities = BootAbilities.of(files.stream().map(LayerFile::facts).toList());
            store.blobs().write(document.descriptor().mediaType(), document.bytes());
            return store.put(reference, entry(document.descriptor(), arch, reference, abilities));
        } catch (JsonException e) {
            throw new Problem(ErrorCode.REGISTRY_FAILED, "Registry %s gives for %s what cannot be read: %s."
                    .formatted(reference.registry(), reference.familiar(), e.getMessage()), e);
        }
    }

    private StoredImage disk(Wanted wanted, Document document, Arch arch, Progress progress)
            throws IOException, InterruptedException {
        var blob = wanted.manifest.layers().getFirst();
        download(wanted, blob, new Tally("downloading " + wanted.reference.familiar(), blob.size(), progress), progress);
        try {
            disks.check(wanted.manifest);
        } catch (IOException bad) {
            throw new Problem(ErrorCode.REGISTRY_FAILED,
                    "%s is no disk that can be used: %s.".formatted(wanted.reference.familiar(),
                    bad.getMessage()), bad);
        }
        store.blobs().write(document.descriptor().mediaType(), document.bytes());
        return store.put(wanted.reference, DiskStore.entry(document.descriptor(), wanted.manifest, arch,
                "registry " + wanted.reference.registry()));
    }

    private static Descriptor entry(Descriptor manifest, Arch arch, ImageReference reference,
            BootAbilities abilities) {
        return Entries.of(manifest, Platform.of(arch), "registry " + reference.registry(), abilities);
    }

    private static Document manifestFor(Registries registries, ImageReference reference, Arch arch, Deadline deadline)
            throws IOException, InterruptedException {
        var document = registries.resolve(reference, deadline);
        if (!MediaTypes.isIndex(document.descriptor().mediaType())) return document;
        var index = Index.parse(document.descriptor().mediaType(), document.bytes());
        var chosen = index.select(arch).orElseThrow(() -> wrongArch(reference, arch, index.platforms()));
        if (!MediaTypes.isManifest(chosen.mediaType())) {
            throw new JsonException("manifests", "name %s for %s".formatted(chosen.mediaType(), arch.word()));
        }
        return registries.manifest(reference, chosen, deadline);
    }

    private static void requireImage(ImageReference reference, Manifest manifest) {
        if (!MediaTypes.isImageConfig(manifest.config().mediaType())) {
            throw new Problem(ErrorCode.UNSUPPORTED, "%s is no container image but an artifact of type %s."
                    .formatted(reference.familiar(), manifest.config().mediaType()));
        }
        if (manifest.config().size() > Manifest.BYTES_MAX) {
            throw new JsonException("config.size", "is more than 4 MiB");
        }
        if (manifest.layers().isEmpty()) {
            throw new Problem(ErrorCode.UNSUPPORTED, "%s has no layers: there is nothing to run in it."
                    .formatted(reference.familiar()));
        }
        for (var layer : manifest.layers()) {
            boolean fits = manifest.isDisk() ? layer.mediaType().equals(MediaTypes.QCOW2) : MediaTypes.isLayer(layer.mediaType());
            if (!fits) {
                throw new Problem(ErrorCode.UNSUPPORTED, "%s has a layer of type %s, which cannot be fetched."
                        .formatted(reference.familiar(), layer.mediaType()));
            }
        }
    }

    private List<LayerFile> fetch(Wanted wanted, Progress progress) throws IOException, InterruptedException {
        long total = wanted.manifest.layers().stream().mapToLong(Descriptor::size).sum();
        var name = wanted.reference.familiar();
        var downloaded = new Tally("downloading " + name, total, progress);
        var unpacked = new Tally("unpacking " + name, total, progress);
        var left = new AtomicInteger(wanted.manifest.layers().size());
        var tasks = new ArrayList<Together.Task<LayerFile>>();
        for (int i = 0; i < wanted.manifest.layers().size(); i++) {
            var blob = wanted.manifest.layers().get(i);
            var diffId = wanted.config.diffIds().get(i);
            Tally.tell(blob, "waiting", progress);
            tasks.add(() -> {
                download(wanted, blob, downloaded, progress);
                // One bar at a time: unpacking shows once the last download is done.
                boolean last = left.decrementAndGet() == 0;
                if (last) progress.report("unpacking " + name);
                var part = Tally.part(blob, "unpacking", progress);
                var file = unpacking.ensure(diffId, blob, count -> {
                    part.add(count);
                    if (left.get() == 0) unpacked.add(count);
                }, wanted.deadline);
                Tally.tell(blob, "ready", progress);
                return file;
            });
        }
        return Together.run(tasks);
    }

    private void download(Wanted wanted, Descriptor blob, Tally all, Progress progress)
            throws IOException, InterruptedException {
        downloads.acquire();
        try {
            var part = Tally.part(blob, "downloading", progress);
            wanted.registries.download(wanted.reference, blob, store.blobs(), count -> {
                all.add(count);
                part.add(count);
            }, wanted.deadline);
        } finally {
            downloads.release();
        }
    }

    private static Problem wrongArch(ImageReference reference, Arch arch, List<Platform> there) {
        return new Problem(ErrorCode.WRONG_ARCHITECTURE, "Image %s is not there for %s; there is %s.".formatted(
                reference.familiar(), arch.word(), there.stream()
                        .map(platform -> platform.arch().map(Arch::word).orElse(platform.toString()))
                        .distinct()
                        .collect(Collectors.joining(", "))));
    }
}
