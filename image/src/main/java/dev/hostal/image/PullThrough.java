package dev.hostal.image;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.image.CacheLinks.Repository;
import dev.hostal.json.JsonException;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.ImageLayout;
import dev.hostal.oci.layout.WrongContentException;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.Registries.Document;
import dev.hostal.oci.registry.RegistryException;
import dev.hostal.oci.registry.RegistryException.Reason;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Copies of what any registry has, fetched when first asked for. Registries are asked as nobody in particular, so that
/// whoever may ask this cache sees what anybody may see. See docs/decisions/45-a-cache-for-any-registry.md.
///
/// Contents lie in a layout of their own, named by their digests; what the image store has is not fetched again. When
/// there is too much, what was not asked for the longest goes. May be used by any thread.
public final class PullThrough {
    /// How long a tag is taken to name the same. Chosen: one pull asks several times.
    private static final Duration FRESH = Duration.ofSeconds(30);
    /// What is left when room is made: not each blob shall make room again.
    private static final double LEFT = 0.9;

    private final Registries registries;
    private final Blobs store;
    private final Blobs cache;
    private final CacheLinks links;
    private final Bytes limit;
    private final Clock clock;
    private final Map<String, Deadline> fresh = new ConcurrentHashMap<>();
    private final Flights<String, Document> manifests = new Flights<>();
    private final Flights<Digest, Boolean> downloads = new Flights<>();

    private PullThrough(Registries registries, Blobs store, Blobs cache, CacheLinks links, Bytes limit, Clock clock) {
        this.registries = registries;
        this.store = store;
        this.cache = cache;
        this.links = links;
        this.limit = limit;
        this.clock = clock;
    }

    /// @param folder of the cache; what a former process left unfinished is removed
    /// @param store whose blobs need not be fetched
    /// @param limit how much is kept
    public static PullThrough open(Path folder, Registries registries, Blobs store, Bytes limit, Clock clock)
            throws IOException {
        var cache = ImageLayout.open(folder).blobs();
        var links = new CacheLinks(folder.resolve("links"), cache);
        links.sweep();
        return new PullThrough(registries.anonymous(), store, cache, links, limit, clock);
    }

    /// A blob, to be read from any place in it.
    public record Content(Descriptor blob, Path file) {
        /// @throws NoSuchFileException it was dropped this moment
        public InputStream open(long from) throws IOException {
            var in = Files.newInputStream(file);
            in.skipNBytes(from);
            return in;
        }
    }

    /// A manifest or an index, as its registry has it now; as it was last where the registry cannot be reached.
    ///
    /// @throws RegistryException the registry does not give it
    public Document manifest(ImageReference reference, Deadline deadline) throws IOException, InterruptedException {
        var repository = new Repository(reference.registry(), reference.repository());
        return manifests.join(reference.toString(), (_, time) -> {
            var kept = kept(repository, reference);
            boolean holds = reference.digest().isPresent() || isFresh(reference);
            if (kept.isPresent() && holds) return kept.get();
            try {
                var document = registries.resolve(reference, time);
                keep(repository, reference, document);
                return document;
            } catch (RegistryException e) {
                if (kept.isPresent() && e.reason() == Reason.UNREACHABLE) return kept.get();
                throw e;
            }
        }, Progress.NONE, deadline);
    }

    private boolean isFresh(ImageReference reference) {
        var until = fresh.get(reference.toString());
        return until != null && !until.isPast();
    }

    private Optional<Document> kept(Repository repository, ImageReference reference) throws IOException {
        var known = reference.digest().isPresent()
                ? links.find(repository, new Digest(reference.digest().get()))
                : links.findTag(repository, reference.tag().orElseThrow());
        if (known.isEmpty() || !isDocument(known.get())) return Optional.empty();
        for (var blobs : List.of(cache, store)) {
            try {
                if (blobs.has(known.get())) return Optional.of(new Document(known.get(), blobs.read(known.get().digest())));
            } catch (NoSuchFileException | WrongContentException _) {
                // Dropped this moment, or damaged: the next place may have it.
            }
        }
        return Optional.empty();
    }

    private static boolean isDocument(Descriptor known) {
        return MediaTypes.isManifest(known.mediaType()) || MediaTypes.isIndex(known.mediaType());
    }

    private void keep(Repository repository, ImageReference reference, Document document) throws IOException {
        var type = document.descriptor().mediaType();
        cache.write(type, document.bytes());
        for (var content : contents(type, document.bytes())) {
            links.add(repository, content);
        }
        links.add(repository, document.descriptor());
        if (reference.tag().isPresent() && reference.digest().isEmpty()) {
            links.addTag(repository, reference.tag().get(), document.descriptor());
            if (fresh.size() > 10_000) fresh.clear();
            fresh.put(reference.toString(), Deadline.in(FRESH));
        }
    }

    private static List<Descriptor> contents(String type, byte[] bytes) throws IOException {
        try {
            if (MediaTypes.isIndex(type)) return Index.parse(type, bytes).manifests();
            var manifest = Manifest.parse(type, bytes);
            var all = new ArrayList<>(manifest.layers());
            all.add(manifest.config());
            return all;
        } catch (JsonException e) {
            throw new IOException("a manifest cannot be read: " + e.getMessage(), e);
        }
    }

    /// What a blob of that repository is; nothing is fetched.
    ///
    /// @throws RegistryException the repository does not have it, or its registry does not say
    public Descriptor describe(ImageReference repository, Digest digest, Deadline deadline)
            throws IOException, InterruptedException {
        var place = new Repository(repository.registry(), repository.repository());
        var known = links.find(place, digest);
        if (known.isPresent()) return known.get();
        var blob = registries.describe(repository, digest, deadline);
        links.add(place, blob);
        return blob;
    }

    /// A blob of that repository, fetched where it is not here.
    ///
    /// @throws RegistryException the repository does not have it, or its registry does not give it
    public Content blob(ImageReference repository, Digest digest, Deadline deadline)
            throws IOException, InterruptedException {
        var blob = describe(repository, digest, deadline);
        if (store.has(blob)) return new Content(blob, store.path(digest));
        if (!cache.has(blob)) {
            downloads.join(digest, (progress, time) -> {
                registries.download(repository, blob, cache, count -> progress.report("", count, 0), time);
                makeRoom(digest);
                return true;
            }, Progress.NONE, deadline);
        }
        var file = cache.path(digest);
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        return new Content(blob, file);
    }

    private record Kept(Path file, long size, FileTime asked) {}

    /// @param except what was fetched this moment
    private synchronized void makeRoom(Digest except) throws IOException {
        var all = new ArrayList<Kept>();
        for (var digest : cache.list()) {
            var file = cache.path(digest);
            try {
                all.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
            } catch (NoSuchFileException _) {
                // Gone meanwhile.
            }
        }
        long total = all.stream().mapToLong(Kept::size).sum();
        if (total <= limit.count()) return;
        all.sort(Comparator.comparing(Kept::asked));
        for (var oldest : all) {
            if (total <= limit.count() * LEFT) return;
            if (oldest.file.equals(cache.path(except))) continue;
            // Whoever reads it now reads on.
            Files.deleteIfExists(oldest.file);
            total -= oldest.size;
        }
    }
}
