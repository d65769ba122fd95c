package dev.hostal.image;

import dev.hostal.json.JsonException;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.ImageLayout;
import dev.hostal.oci.layout.WrongContentException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;

/// What is in the store: the index of the layout says it, blobs and layer files hold it.
///
/// The index is written last when an image comes and first when it goes. What is not reachable from the index
/// is garbage, whoever left it, and is swept at the start and after deletions, while nothing is being added.
final class ImageStore {
    /// Fewest digits by which an image is found: fewer are more likely a name. Chosen.
    private static final int ID_MIN = 4;
    private static final String NAMELESS = "build";

    private final ImageLayout layout;
    private final LayerFiles layers;
    private final StepCache steps;
    private final Map<Digest, StoredImage> cache = new ConcurrentHashMap<>();
    /// Held for reading while something is added, for writing while garbage is swept.
    private final ReentrantReadWriteLock adding = new ReentrantReadWriteLock();
    private volatile boolean sweepWanted = true;
    /// Bytes that sweeps have removed so far.
    private final AtomicLong freed = new AtomicLong();

    /// @param steps whose layers are swept neither
    ImageStore(ImageLayout layout, LayerFiles layers, StepCache steps) throws IOException {
        this.layout = layout;
        this.layers = layers;
        this.steps = steps;
        sweepIfIdle();
    }

    Blobs blobs() {
        return layout.blobs();
    }

    interface Addition<V> {
        V run() throws IOException, InterruptedException;
    }

    /// Runs what adds blobs and layer files: none of them is swept before it ends.
    <V> V adding(Addition<V> addition) throws IOException, InterruptedException {
        adding.readLock().lock();
        try {
            return addition.run();
        } finally {
            adding.readLock().unlock();
            if (sweepWanted) sweepIfIdle();
        }
    }

    /// The same for what may leave blobs behind that no image needs, however it ends.
    <V> V addingAndSweeping(Addition<V> addition) throws IOException, InterruptedException {
        return adding(() -> {
            sweepWanted = true;
            return addition.run();
        });
    }

    // ---- finding

    /// The image by its name, by its own digest where the name has one, or by its id where the name may be one.
    Optional<StoredImage> find(ImageReference reference, Arch arch) throws IOException {
        var name = reference.toString();
        var named = first(entry -> entry.annotation(Descriptor.REF_NAME).filter(name::equals).isPresent()
                && isFor(entry, arch));
        if (named.isPresent()) return named;
        var pinned = reference.digest().or(() -> identified(reference));
        if (pinned.isEmpty()) return Optional.empty();
        return first(entry -> entry.digest().value().equals(pinned.get()) && isFor(entry, arch));
    }

    /// The digest that a name without a registry stands for: `sha256:` and all its digits, or so many of the first ones
    /// that only one image has them.
    private Optional<String> identified(ImageReference reference) {
        var familiar = reference.familiar();
        var hex = familiar.startsWith("sha256:") ? familiar.substring("sha256:".length())
                : familiar.endsWith(":latest") ? familiar.substring(0, familiar.length() - ":latest".length()) : familiar;
        if (!hex.matches("[0-9a-f]{%d,64}".formatted(ID_MIN))) return Optional.empty();
        var fitting = digests().stream().map(Digest::value).filter(digest -> digest.startsWith("sha256:" + hex)).toList();
        return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
    }

    /// Every image of that name, one for each architecture; by its own digest where the name has one.
    List<StoredImage> findAll(ImageReference reference) throws IOException {
        var name = reference.toString();
        var images = new ArrayList<StoredImage>();
        var digest = reference.digest().or(() -> identified(reference));
        for (var entry : layout.index().manifests()) {
            boolean named = entry.annotation(Descriptor.REF_NAME).filter(name::equals).isPresent();
            boolean pinned = digest.filter(entry.digest().value()::equals).isPresent();
            boolean known = images.stream().anyMatch(image -> image.digest().equals(entry.digest()));
            if ((named || pinned) && !known) read(entry).ifPresent(images::add);
        }
        return images;
    }

    /// Repositories of that registry, other than the named one, from which a layer came or under which it is known.
    Set<String> repositoriesWith(Digest layer, String registry, String except) throws IOException {
        var repositories = new HashSet<String>();
        for (var image : list()) {
            if (image.manifest().layers().stream().noneMatch(each -> each.digest().equals(layer))) continue;
            for (var reference : references(image.digest())) {
                if (reference.registry().equals(registry) && !reference.repository().equals(except)) {
                    repositories.add(reference.repository());
                }
            }
        }
        return repositories;
    }

    Optional<StoredImage> byDigest(String digest) throws IOException {
        return first(entry -> entry.digest().value().equals(digest));
    }

    /// The architectures for which the name is here.
    List<Arch> archs(ImageReference reference) {
        var name = reference.toString();
        return layout.index().manifests().stream()
                .filter(entry -> entry.annotation(Descriptor.REF_NAME).filter(name::equals).isPresent())
                .flatMap(entry -> entry.platform().stream())
                .flatMap(platform -> platform.arch().stream())
                .toList();
    }

    /// Every image that has a name.
    List<StoredImage> list() throws IOException {
        var images = new ArrayList<StoredImage>();
        var seen = new HashSet<Digest>();
        for (var entry : layout.index().manifests()) {
            if (entry.annotation(Descriptor.REF_NAME).isEmpty() || !seen.add(entry.digest())) continue;
            read(entry).ifPresent(images::add);
        }
        return images;
    }

    List<ImageReference> references(Digest digest) {
        return layout.index().manifests().stream()
                .filter(entry -> entry.digest().equals(digest))
                .flatMap(entry -> StoredImage.reference(entry).stream())
                .sorted(Comparator.comparing(ImageReference::toString))
                .toList();
    }

    // ---- changing

    /// The name of an image that nobody named: it stays until it is deleted, and is found by its digest.
    static ImageReference nameless(Digest digest) {
        return ImageReference.parse(NAMELESS + "@" + digest);
    }

    private static boolean isNameless(ImageReference reference) {
        return reference.tag().isEmpty() && reference.familiar().startsWith(NAMELESS + "@");
    }

    /// Gives the image its name; the image that had it before for this architecture loses it, and stays
    /// nameless until it is known that nothing needs it.
    StoredImage put(ImageReference reference, Descriptor entry) throws IOException {
        var named = entry.withAnnotation(Descriptor.REF_NAME, reference.toString());
        layout.update(index -> {
            var kept = new ArrayList<Descriptor>();
            for (var other : index.manifests()) {
                boolean loses = other.annotation(Descriptor.REF_NAME).filter(reference.toString()::equals).isPresent()
                        && other.platform().equals(named.platform());
                kept.add(loses ? other.withoutAnnotation(Descriptor.REF_NAME) : other);
            }
            kept.add(named);
            return Index.of(withoutNeedlessNameless(kept));
        });
        return read(named).orElseThrow(() -> new IOException("image %s vanished as it came".formatted(reference)));
    }

    /// Takes the name away, for every architecture, and nameless images that are not in use.
    ///
    /// @return the digests of images that are gone; empty where there is no such name
    Optional<Set<Digest>> delete(ImageReference reference, Set<String> inUse) throws IOException {
        var name = reference.toString();
        var before = digests();
        boolean[] found = {false};
        layout.update(index -> {
            var kept = new ArrayList<Descriptor>();
            for (var entry : index.manifests()) {
                boolean loses = entry.annotation(Descriptor.REF_NAME).filter(name::equals).isPresent();
                found[0] |= loses;
                kept.add(loses ? entry.withoutAnnotation(Descriptor.REF_NAME) : entry);
            }
            kept.removeIf(entry -> entry.annotation(Descriptor.REF_NAME).isEmpty()
                    && !inUse.contains(entry.digest().value()));
            return Index.of(withoutNeedlessNameless(kept));
        });
        if (!found[0]) return Optional.empty();
        before.removeAll(digests());
        sweepWanted = true;
        sweepIfIdle();
        return Optional.of(before);
    }

    /// What a pruning took away.
    ///
    /// @param gone digests of images that are no more
    record Pruned(List<String> names, Set<Digest> gone, long freed) {}

    /// Removes nameless images that are not in use; with `all` those that have names as well.
    Pruned prune(Set<String> inUse, boolean all) throws IOException {
        var before = digests();
        var names = new ArrayList<String>();
        layout.update(index -> {
            names.clear();
            var kept = new ArrayList<Descriptor>();
            for (var entry : index.manifests()) {
                var name = StoredImage.reference(entry);
                if (inUse.contains(entry.digest().value()) || name.isPresent() && !isNameless(name.get())
                        && !all) kept.add(entry);
                else names.add(name.map(ImageReference::familiar).orElse(entry.digest().value()));
            }
            return Index.of(kept);
        });
        before.removeAll(digests());
        long freedBefore = freed.get();
        sweepWanted = true;
        sweepIfIdle();
        return new Pruned(names, before, freed.get() - freedBefore);
    }

    private Set<Digest> digests() {
        var digests = new HashSet<Digest>();
        layout.index().manifests().forEach(entry -> digests.add(entry.digest()));
        return digests;
    }

    /// An image with a name needs no nameless entry, and no image needs two.
    private static List<Descriptor> withoutNeedlessNameless(List<Descriptor> entries) {
        var kept = new ArrayList<Descriptor>();
        var seen = new HashSet<Digest>();
        entries.stream().filter(entry -> entry.annotation(Descriptor.REF_NAME).isPresent()).forEach(entry -> {
            seen.add(entry.digest());
            kept.add(entry);
        });
        entries.stream().filter(entry -> entry.annotation(Descriptor.REF_NAME).isEmpty())
                .filter(entry -> seen.add(entry.digest())).forEach(kept::add);
        return kept;
    }

    // ---- sweeping

    /// @return how many bytes that freed; 0 while something is being added, whose end sweeps
    long sweepNow() throws IOException {
        long before = freed.get();
        sweepWanted = true;
        sweepIfIdle();
        return freed.get() - before;
    }

    /// Removes what the index does not reach; not while something is being added, whose end tries again.
    private void sweepIfIdle() throws IOException {
        if (!adding.writeLock().tryLock()) return;
        try {
            sweepWanted = false;
            sweep();
        } finally {
            adding.writeLock().unlock();
        }
    }

    private void sweep() throws IOException {
        var blobs = new HashSet<Digest>();
        var files = new HashSet<Digest>();
        for (var entry : layout.index().manifests()) {
            var image = read(entry);
            if (image.isEmpty()) {
                // Nobody can use an image whose documents are damaged: it goes, and may be obtained again.
                layout.update(index -> Index.of(index.manifests().stream().filter(each -> each != entry).toList()));
                continue;
            }
            blobs.add(entry.digest());
            blobs.add(image.get().manifest().config().digest());
            image.get().manifest().layers().forEach(layer -> blobs.add(layer.digest()));
            files.addAll(image.get().config().diffIds());
        }
        for (var layer : steps.layers()) {
            blobs.add(layer.blob().digest());
            files.add(layer.diffId());
        }
        cache.keySet().retainAll(blobs);
        for (var blob : layout.blobs().list()) {
            if (!blobs.contains(blob)) freed.addAndGet(layout.blobs().ensureAbsent(blob));
        }
        for (var file : layers.list()) {
            if (!files.contains(file)) freed.addAndGet(layers.ensureAbsent(file));
        }
    }

    // ---- reading

    private Optional<StoredImage> first(Predicate<Descriptor> condition) throws IOException {
        for (var entry : layout.index().manifests()) {
            if (!condition.test(entry)) continue;
            var image = read(entry);
            if (image.isPresent()) return image;
        }
        return Optional.empty();
    }

    private static boolean isFor(Descriptor entry, Arch arch) {
        return entry.platform().filter(platform -> platform.runsOn(arch)).isPresent();
    }

    /// The image with its documents; empty where they are damaged: such an image is obtained again.
    private Optional<StoredImage> read(Descriptor entry) throws IOException {
        var known = cache.get(entry.digest());
        if (known != null) {
            return Optional.of(new StoredImage(entry, known.manifest(), known.config(), known.arch()));
        }
        try {
            var manifest = Manifest.parse(entry.mediaType(), layout.blobs().read(entry.digest()));
            var config = ImageConfig.parse(layout.blobs().read(manifest.config().digest()));
            var arch = config.platform().arch();
            if (arch.isEmpty()) return Optional.empty();
            var image = new StoredImage(entry, manifest, config, arch.get());
            cache.put(entry.digest(), image);
            return Optional.of(image);
        } catch (JsonException | WrongContentException | NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
