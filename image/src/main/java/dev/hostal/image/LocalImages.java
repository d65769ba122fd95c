package dev.hostal.image;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.build.Builder;
import dev.hostal.image.disk.DiskMaker;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.oci.layer.LayerLimits;
import dev.hostal.oci.layout.ImageLayout;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryException;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.BuildSteps;
import dev.hostal.spi.ImageBuilding;
import dev.hostal.spi.ImageExchange;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The images of this host, in one folder that this process alone writes to.
public final class LocalImages implements Images, ImageExchange, ImageBuilding {
    /// What this host has for images to use.
    ///
    /// @param sources asked in this order
    public record Services(
            Registries registries,
            List<ImageSource> sources,
            Kernels kernels,
            Processes processes,
            Packages packages,
            Clock clock,
            Arch host) {
        public Services {
            sources = List.copyOf(sources);
        }

        /// Those of the host that this is.
        public Services(Registries registries, List<ImageSource> sources, Kernels kernels, Processes processes,
                Packages packages) {
            this(registries, sources, kernels, processes, packages, Clock.systemUTC(), Arch.parse(System.getProperty("os.arch")));
        }
    }

    /// Whoever is known by something else gets an answer of their own.
    private record Wanted(ImageReference reference, Arch arch, Optional<RegistryLogin> login) {
        @Override public String toString() {
            return "image %s for %s".formatted(reference.familiar(), arch.word());
        }
    }

    private final Services services;
    private final ImageStore store;
    private final LayerFiles layers;
    private final Unpacking unpacking;
    private final LayerRoots roots;
    private final Acquisition acquisition;
    private final LocalArchives archives;
    private final Recompression recompression;
    private final StepCache steps;
    private final LocalBuilds builds;
    private final Builder builder;
    private final DiskStore disks;
    private final DiskMaker diskMaker;
    private final Flights<Wanted, StoredImage> flights = new Flights<>();

    private LocalImages(Path folder, ImageLayout layout, LayerFiles layers, Services services) throws IOException {
        this.services = services;
        this.layers = layers;
        this.steps = new StepCache(folder.resolve("steps"));
        this.store = new ImageStore(layout, layers, steps);
        this.unpacking = new Unpacking(layout.blobs(), layers);
        this.roots = new LayerRoots(layers, unpacking, services.kernels());
        this.disks = new DiskStore(this, store);
        this.diskMaker = new DiskMaker(services.processes(), services.packages());
        this.acquisition = new Acquisition(store, new RegistryPull(services.registries(), store, unpacking, disks),
                new SourceImport(store, layers), services.sources());
        this.recompression = new Recompression(layout.blobs(), layers.limits());
        this.archives = new LocalArchives(store, unpacking, disks,
                new LayerIntake(layout.blobs(), layers), layers.limits());
        this.builds = LocalBuilds.of(this, store, layers, unpacking, steps, services.clock());
        this.builder = new Builder(builds, folder.resolve("caches"), services.processes(), services.clock(), services.host());
    }

    /// Opens the store, made empty where there is none; what a former process left unfinished is removed.
    public static LocalImages open(Path folder, Services services) throws IOException {
        return open(folder, services, LayerLimits.DEFAULT);
    }

    static LocalImages open(Path folder, Services services, LayerLimits limits) throws IOException {
        var layout = ImageLayout.open(folder);
        var layers = new LayerFiles(folder.resolve("layers"), services.processes(), services.packages(), limits);
        return new LocalImages(folder, layout, layers, services);
    }

    /// A cache of any registry's contents, beside this store, whose blobs it gives out too.
    ///
    /// @param limit how much is kept
    public PullThrough pullThrough(Path folder, Bytes limit, Clock clock) throws IOException {
        return PullThrough.open(folder, services.registries(), store.blobs(), limit, clock);
    }

    @Override public Optional<Image> find(ImageReference reference, Arch arch) throws IOException {
        return store.find(reference, arch).map(this::image);
    }

    @Override public Optional<Image> byDigest(String imageDigest) throws IOException {
        return store.byDigest(imageDigest).map(this::image);
    }

    @Override public List<Image> list() throws IOException {
        return store.list().stream().map(this::image).toList();
    }

    @Override public Image obtain(ImageReference reference, Arch arch, boolean refresh, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        return obtain(reference, arch, refresh, Optional.empty(), progress, deadline);
    }

    @Override public Image obtain(ImageReference reference, Arch arch, boolean refresh, Optional<RegistryLogin> login,
            Progress progress, Deadline deadline) throws IOException, InterruptedException {
        var known = refresh ? Optional.<StoredImage>empty() : store.find(reference, arch);
        if (known.isPresent()) return image(known.get());
        return image(flights.join(new Wanted(reference, arch, login), (shared, limit) -> store.adding(() -> {
            var since = refresh ? Optional.<StoredImage>empty() : store.find(reference, arch);
            if (since.isPresent()) return since.get();
            layers.ensureProgram(shared, limit);
            return acquisition.acquire(reference, arch, refresh, login, shared, limit);
        }), progress, deadline));
    }

    @Override public Optional<Disk> disk(String imageDigest) throws IOException {
        var image = store.byDigest(imageDigest).filter(found -> found.manifest().isDisk());
        return image.isPresent() ? Optional.of(disks.disk(image.get())) : Optional.empty();
    }

    @Override public RootImage prepare(String imageDigest, boolean ownKernel, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return store.adding(() -> {
            var image = get(imageDigest);
            if (image.manifest().isDisk()) return new RootImage(imageDigest, image.arch(), List.of(), Optional.empty(),
                    Optional.of(disks.disk(image).file()));
            return roots.withKernel(image, ownKernel, progress, deadline);
        });
    }

    @Override public RootImage prepareLayers(String imageDigest, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return store.adding(() -> {
            var image = get(imageDigest);
            if (image.manifest().isDisk()) throw DiskStore.isDisk("Image " + imageDigest);
            return roots.withoutKernel(image, progress, deadline);
        });
    }

    @Override public void push(PushSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        store.addingAndSweeping(() -> {
            try {
                var images = recompression.all(ofArch(wanted.source(), wanted.arch()), wanted.compression(), progress,
                        deadline);
                new RegistryPush(services.registries().as(wanted.login()), store).push(images, wanted.target(),
                        progress, deadline);
            } catch (IOException e) {
                throw Failures.problem("Image %s was not pushed".formatted(wanted.target().familiar()), e);
            }
            return true;
        });
    }

    @Override public void check(RegistryLogin login, Deadline deadline) throws IOException, InterruptedException {
        try {
            services.registries().check(login, deadline);
        } catch (RegistryException e) {
            throw Failures.problem("The login was not taken", e);
        }
    }

    @Override public List<Found> search(String registry, String term, int limit, Optional<RegistryLogin> login, Deadline deadline)
            throws IOException, InterruptedException {
        return new RegistryWords(services.registries().as(login)).search(registry, term, limit, deadline);
    }

    @Override public Remote describe(ImageReference reference, Optional<RegistryLogin> login, Deadline deadline)
            throws IOException, InterruptedException {
        return new RegistryWords(services.registries().as(login)).describe(reference, deadline);
    }

    @Override public void save(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form,
            Compression compression, OutputStream out, Deadline deadline) throws IOException, InterruptedException {
        store.addingAndSweeping(() -> {
            var all = saved(references, arch, form);
            if (form == ArchiveForm.QCOW2) {
                if (all.size() != 1 || all.getFirst().images().size() != 1) throw new Problem(ErrorCode.BAD_REQUEST,
                        "One disk at a time is written, not %d.".formatted(all.stream()
                                .mapToInt(one -> one.images().size()).sum()));
                disks.write(all.getFirst().images().getFirst(), out);
                return true;
            }
            // A docker archive has plain tars, however they are stored.
            archives.save(form == ArchiveForm.DOCKER ? all : recompressed(all, compression, deadline), form, out);
            return true;
        });
    }

    private List<SavedImage> recompressed(List<SavedImage> all, Compression compression, Deadline deadline)
            throws InterruptedException {
        try {
            var made = new ArrayList<SavedImage>();
            for (var saved : all) {
                made.add(new SavedImage(saved.name(),
                        recompression.all(saved.images(), compression, Progress.NONE, deadline)));
            }
            return made;
        } catch (IOException e) {
            throw Failures.problem("The archive was not made", e);
        }
    }

    @Override public List<Image> load(InputStream archive, Optional<ImageReference> name, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        return store.addingAndSweeping(() -> {
            layers.ensureProgram(progress, deadline);
            // Under the names that came with it: an image that was here already may have others.
            var names = new LinkedHashMap<String, List<ImageReference>>();
            var loaded = archives.load(archive, name, progress, deadline);
            loaded.forEach(image -> names.computeIfAbsent(image.digest().value(), _ -> new ArrayList<>())
                    .addAll(StoredImage.reference(image.entry()).stream().toList()));
            return names.entrySet().stream()
                    .map(entry -> loaded.stream().filter(image -> image.digest().value().equals(entry.getKey()))
                    .findFirst().orElseThrow().toImage(entry.getValue())).toList();
        });
    }

    @Override public Image importRoot(InputStream tar, ImportSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return store.addingAndSweeping(() -> {
            layers.ensureProgram(progress, deadline);
            return image(archives.importRoot(tar, wanted, progress, deadline));
        });
    }

    @Override public Image commit(Written written, CommitSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return store.addingAndSweeping(() -> {
            layers.ensureProgram(progress, deadline);
            return image(new Commits(store, unpacking, new LayerIntake(store.blobs(), layers))
                    .commit(written, wanted, progress, deadline));
        });
    }

    @Override public Image build(BuildSpec wanted, InputStream context, BuildSteps running, BuildEvent.Listener listener,
            Deadline deadline) throws IOException, InterruptedException {
        return store.addingAndSweeping(() -> {
            try {
                layers.ensureProgram(Progress.NONE, deadline);
                return builder.build(builds.with(wanted), wanted, context, running, listener, deadline);
            } catch (IOException e) {
                throw Failures.problem("The image was not built", e);
            }
        });
    }

    @Override public Image buildDisk(BuildSpec wanted, Bytes size, InputStream context, BuildSteps running,
            BuildEvent.Listener listener, Deadline deadline) throws IOException, InterruptedException {
        DiskMaker.check(wanted.arch().orElse(services.host()), size);
        return store.addingAndSweeping(() -> {
            try {
                layers.ensureProgram(Progress.NONE, deadline);
                var made = new DiskBuilds(builds.with(wanted), diskMaker, services.kernels(), disks, services.host(),
                        wanted, size);
                return builder.build(made, wanted, context, running, listener, deadline);
            } catch (IOException e) {
                throw Failures.problem("The disk was not built", e);
            }
        });
    }

    @Override public void writeFiles(String imageDigest, OutputStream tar) throws IOException {
        var image = store.byDigest(imageDigest).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "There is no image %s.".formatted(imageDigest)));
        if (image.manifest().isDisk()) throw DiskStore.isDisk("Image " + imageDigest);
        builder.writeFiles(builds, LocalBuilds.layers(image), tar);
    }

    @Override public Bytes pruneBuilds() throws IOException, InterruptedException {
        steps.clear();
        return new Bytes(store.sweepNow() + builder.pruneCaches());
    }

    @Override public Optional<Details> details(ImageReference reference, Arch arch) throws IOException {
        var found = store.find(reference, arch);
        if (found.isEmpty()) return Optional.empty();
        return Optional.of(found.get().toDetails(image(found.get()), store.blobs()));
    }

    @Override public List<Image> tag(ImageReference source, ImageReference name) throws IOException {
        var tagged = new ArrayList<Image>();
        for (var image : store.findAll(source)) {
            tagged.add(image(store.put(name, image.entry())));
        }
        return tagged;
    }

    @Override public Pruned prune(Set<String> inUse, boolean all) throws IOException {
        var pruned = store.prune(inUse, all);
        for (var digest : pruned.gone()) {
            services.kernels().ensureAbsent(digest.value());
        }
        return new Pruned(pruned.names(), new Bytes(pruned.freed()));
    }

    @Override public boolean delete(ImageReference reference, Set<String> inUse) throws IOException {
        var gone = store.delete(reference, inUse);
        for (var digest : gone.orElse(Set.of())) {
            services.kernels().ensureAbsent(digest.value());
        }
        return gone.isPresent();
    }

    private StoredImage get(String imageDigest) throws IOException {
        return store.byDigest(imageDigest).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "Image %s is not here any more.".formatted(imageDigest)));
    }

    private List<SavedImage> saved(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form)
            throws IOException {
        var saved = new ArrayList<SavedImage>();
        for (var reference : new LinkedHashSet<>(references)) {
            var images = ofArch(reference, arch);
            saved.add(new SavedImage(reference, form == ArchiveForm.DOCKER ? images.subList(0, 1) : images));
        }
        return saved;
    }

    /// @throws Problem IMAGE_NOT_FOUND there is none
    private List<StoredImage> ofArch(ImageReference reference, Optional<Arch> arch) throws IOException {
        var images = store.findAll(reference).stream()
                .filter(image -> arch.isEmpty() || image.arch() == arch.get()).toList();
        if (images.isEmpty()) throw notHere(reference, arch);
        return images;
    }

    private static Problem notHere(ImageReference reference, Optional<Arch> arch) {
        return new Problem(ErrorCode.IMAGE_NOT_FOUND, "Image %s is not here%s.\nMaybe pull it first."
                .formatted(reference.familiar(), arch.map(wanted -> " for " + wanted.word()).orElse("")));
    }

    private Image image(StoredImage image) {
        return image.toImage(store.references(image.digest()));
    }

}
