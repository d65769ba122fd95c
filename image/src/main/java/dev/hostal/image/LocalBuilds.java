package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.LayerFiles.LayerFile;
import dev.hostal.image.build.BuildStore;
import dev.hostal.image.build.SharedSteps;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The image store as one build sees it.
final class LocalBuilds implements BuildStore {
    /// As `source` of images that were built here.
    static final String SOURCE = "build";
    /// The registry of images that are at none. Source: podman, which names what it has made itself so.
    private static final String HERE = "localhost";
    /// A tar archive without files.
    private static final byte[] EMPTY = new byte[1024];

    private final LocalImages images;
    private final ImageStore store;
    private final LayerFiles layers;
    private final Unpacking unpacking;
    private final LayerIntake intake;
    private final StepCache steps;
    private final Clock clock;
    private final Optional<BuildSpec> spec;
    /// Steps of images, for this build only.
    private final Map<String, Made> shared = new ConcurrentHashMap<>();

    private LocalBuilds(LocalImages images, ImageStore store, LayerFiles layers, Unpacking unpacking, StepCache steps,
            Clock clock, Optional<BuildSpec> spec) {
        this.images = images;
        this.store = store;
        this.layers = layers;
        this.unpacking = unpacking;
        this.intake = new LayerIntake(store.blobs(), layers);
        this.steps = steps;
        this.clock = clock;
        this.spec = spec;
    }

    static LocalBuilds of(LocalImages images, ImageStore store, LayerFiles layers, Unpacking unpacking, StepCache steps,
            Clock clock) {
        return new LocalBuilds(images, store, layers, unpacking, steps, clock, Optional.empty());
    }

    /// For one build.
    LocalBuilds with(BuildSpec wanted) {
        return new LocalBuilds(images, store, layers, unpacking, steps, clock, Optional.of(wanted));
    }

    @Override public Base base(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return base(reference, arch, spec.map(BuildSpec::pull).orElse(false), progress, deadline);
    }

    private Base base(ImageReference reference, Arch arch, boolean refresh, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var login = spec.isPresent() ? spec.get().login(reference) : Optional.<RegistryLogin>empty();
        var found = images.obtain(reference, arch, refresh, login, progress, deadline);
        var image = store.byDigest(found.digest()).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "Image %s was deleted meanwhile.".formatted(reference.familiar())));
        if (image.manifest().isDisk()) throw DiskStore.isDisk("Image " + reference.familiar());
        var config = JsonObject.parse(new String(store.blobs().read(image.manifest().config().digest()),
                StandardCharsets.UTF_8));
        return new Base(found.digest(), config, layers(image));
    }

    static List<Layer> layers(StoredImage image) {
        var all = new ArrayList<Layer>();
        for (int i = 0; i < image.manifest().layers().size(); i++) {
            all.add(new Layer(image.config().diffIds().get(i), image.manifest().layers().get(i)));
        }
        return all;
    }

    @Override public InputStream open(Layer layer) throws IOException {
        return LayerTar.ofBlob(store.blobs().open(layer.blob().digest()), layer.blob().size(), layers.limits());
    }

    @Override public Layer take(Path tar, Deadline deadline) throws IOException, InterruptedException {
        try (var in = Files.newInputStream(tar)) {
            return take(in, deadline);
        }
    }

    private Layer take(InputStream tar, Deadline deadline) throws IOException, InterruptedException {
        var counted = LayerTar.ofTar(tar);
        var taken = intake.take(counted, deadline);
        return new Layer(taken.diffId().isPresent() ? taken.diffId().get() : counted.finish(), taken.blob());
    }

    @Override public List<Path> files(List<Layer> wanted, Deadline deadline) throws IOException, InterruptedException {
        var all = new ArrayList<LayerFile>();
        for (var layer : wanted.isEmpty() ? List.of(take(new ByteArrayInputStream(EMPTY), deadline)) : wanted) {
            all.add(unpacking.ensure(layer.diffId(), layer.blob(), _ -> {}, deadline));
        }
        return LayerRoots.stack(all);
    }

    /// Whether what is made of these layers can boot by itself.
    BootAbilities abilities(List<Layer> made, Deadline deadline) throws IOException, InterruptedException {
        var facts = new ArrayList<LayerFile>();
        for (var layer : made) {
            facts.add(unpacking.ensure(layer.diffId(), layer.blob(), _ -> {}, deadline));
        }
        return BootAbilities.of(facts.stream().map(LayerFile::facts).toList());
    }

    @Override public Images.Image put(JsonObject config, List<Layer> made, Arch arch, List<ImageReference> tags,
            Progress progress, Deadline deadline) throws IOException, InterruptedException {
        var blobs = store.blobs();
        var configBlob = blobs.write(MediaTypes.OCI_CONFIG, config.toText().getBytes(StandardCharsets.UTF_8));
        var manifest = Manifest.of(configBlob, made.stream().map(Layer::blob).toList());
        var abilities = abilities(made, deadline);
        Descriptor document = blobs.write(MediaTypes.OCI_MANIFEST, manifest.toBytes());
        var entry = Entries.of(document, Platform.of(arch), SOURCE, abilities);
        var names = tags.isEmpty() ? List.of(ImageStore.nameless(document.digest())) : tags;
        for (var name : names) {
            store.put(name, entry);
        }
        return images.byDigest(document.digest().value()).orElseThrow(() -> new IOException("the image vanished as it came"));
    }

    @Override public Optional<Made> recall(String key) throws IOException {
        var known = steps.find(key, clock.millis());
        if (known.isEmpty() && shared.containsKey(key)) {
            steps.put(key, shared.get(key), clock.millis());
            known = Optional.of(shared.get(key));
        }
        if (known.isPresent() && known.get().layer().isPresent() && !store.blobs().has(known.get().layer().get().blob())) {
            steps.remove(key);
            return Optional.empty();
        }
        return known;
    }

    @Override public Base share(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        Base found;
        // What a command line has brought is at no registry; the classic builder takes images as they are here.
        boolean kept = spec.map(BuildSpec::steps).filter(BuildSpec.SharedSteps::only).isPresent();
        boolean here = (kept || reference.registry().equals(HERE)) && store.find(reference, arch).isPresent();
        try {
            found = base(reference, arch, !here, progress, deadline);
        } catch (Problem notThere) {
            // One that was made here, and is at no registry.
            if (store.find(reference, arch).isEmpty()) throw notThere;
            found = base(reference, arch, false, progress, deadline);
        }
        shared.putAll(SharedSteps.of(found.config(), found.layers()));
        return found;
    }

    @Override public void remember(String key, Made made) throws IOException {
        steps.put(key, made, clock.millis());
    }

    @Override public Path temporary() {
        return store.blobs().newTemporary("build");
    }
}
