package dev.hostal.image.build;

import dev.hostal.base.Cause;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.build.BuildPlan.Stage;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.model.IgnoreFile;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Platform;
import dev.hostal.oci.dockerfile.Dockerfile;
import dev.hostal.oci.dockerfile.DockerfileException;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerCompression;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.BuildSteps;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Builds images of Dockerfiles: plans, then lets every stage that is needed be built by a thread of its own.
public final class Builder {
    /// Longest Dockerfile. Chosen: a hundred times what anybody writes.
    static final int DOCKERFILE_MAX = 8 << 20;
    /// What may follow a context's archive. Chosen: tar fills up to blocks of some megabytes at most.
    private static final long PADDING_MAX = 64 << 20;
    /// The name under which `hostal build` sends a Dockerfile that lies outside of the context.
    private static final String FOREIGN = ".hostal.Dockerfile";
    /// The argument that makes builds repeatable. Source: reproducible-builds.org, SOURCE_DATE_EPOCH.
    private static final String EPOCH = "SOURCE_DATE_EPOCH";

    private final CacheFolders caches;
    private final Processes processes;
    private final Clock clock;
    private final Arch host;
    private final LayerTrees trees;

    /// @param store opens layers
    /// @param caches where cache mounts are kept
    public Builder(BuildStore store, Path caches, Processes processes, Clock clock, Arch host) {
        this.caches = new CacheFolders(caches);
        this.processes = processes;
        this.clock = clock;
        this.host = host;
        this.trees = new LayerTrees(store);
    }

    /// What all steps of one build share.
    ///
    /// @param used what is known of steps, by their keys
    /// @param cacheImages what steps may be taken from
    /// @param epoch the newest time that anything in the image has, in seconds
    record Work(BuildStore store, CacheFolders caches, Processes processes, LayerTrees trees, Clock clock,
            BuildSpec spec, Dockerfile file, BuildPlan plan, FileTree context, NamedContexts contexts, Spool spool,
            BuildSteps steps, BuildEvent.Listener listener, Arch arch, Optional<Long> epoch, AtomicInteger numbers,
            ConcurrentMap<String, BuildStore.Made> used, List<CacheImage> cacheImages,
            ConcurrentMap<Integer, Future<StageBuild.Result>> stages, Deadline deadline) {
        Instant time() {
            return epoch.map(Instant::ofEpochSecond).orElseGet(clock::instant);
        }

        /// How many instructions come before those of a stage, of all that are built.
        int before(Stage stage) {
            return plan.needed().stream().filter(index -> index < stage.index())
                    .mapToInt(index -> plan.stages().get(index).steps().size() + 1).sum();
        }

        int all() {
            return plan.needed().stream().mapToInt(index -> plan.stages().get(index).steps().size() + 1).sum();
        }
    }

    /// See [dev.hostal.spi.ImageBuilding].
    ///
    /// @param store for this build
    public Images.Image build(BuildStore store, BuildSpec spec, InputStream stream, BuildSteps steps,
            BuildEvent.Listener listener, Deadline deadline) throws IOException, InterruptedException {
        try (var spool = new Spool(store.temporary()); var contexts = new NamedContexts(spec, store)) {
            var remote = spec.asked().remote();
            var whole = remote.isPresent() ? remote(remote.get(), spec, store, spool, deadline) : context(spool, stream);
            var said = spec.asked().text();
            var text = said.isPresent() ? said.get() : dockerfile(spec, whole);
            var context = said.isPresent() ? whole : counted(spec, whole);
            try {
                var file = Dockerfile.parse(text);
                var arch = spec.arch().orElse(host);
                var plan = BuildPlan.of(file, spec.arguments(), platforms(arch, spec.target()), spec.target(), contexts);
                var work = new Work(store, caches, processes, trees, clock, spec, file, plan, context, contexts, spool,
                        steps, listener, arch, epoch(spec), new AtomicInteger(), new ConcurrentHashMap<>(),
                        new CopyOnWriteArrayList<>(), new ConcurrentHashMap<>(), deadline);
                share(work);
                return image(work, run(work));
            } catch (DockerfileException e) {
                throw failed(Excerpt.of(spec.dockerfile(), text, e), e);
            } catch (BuildFailure e) {
                throw failed(Excerpt.of(spec.dockerfile(), text, e), e);
            } catch (BuildException e) {
                throw failed(e.getMessage(), e);
            }
        }
    }

    private static Problem failed(String why, RuntimeException cause) {
        return new Problem(ErrorCode.BUILD_FAILED, why, cause);
    }

    private FileTree remote(String where, BuildSpec spec, BuildStore store, Spool spool, Deadline deadline)
            throws IOException, InterruptedException {
        try {
            return ofRoot(RemoteContext.of(where, spec, store, spool, processes, deadline));
        } catch (BuildException | BadLayerException e) {
            throw new Problem(ErrorCode.BUILD_FAILED, "The context was not fetched: %s".formatted(e.getMessage()), e);
        }
    }

    private static FileTree context(Spool spool, InputStream stream) throws IOException {
        try (var tar = LayerCompression.open(stream)) {
            var tree = spool.read(tar);
            // A request is answered well only when it was read to its end; archives are filled up behind theirs.
            drain(stream);
            return ofRoot(tree);
        } catch (BadLayerException | EOFException e) {
            throw new Problem(ErrorCode.BAD_ARCHIVE,
                    "The build's context is no tar archive as it should be: %s.".formatted(e.getMessage()), e);
        }
    }

    /// The user of a context is nobody in the image.
    private static FileTree ofRoot(FileTree tree) {
        var owned = new FileTree();
        tree.below("").forEach((name, node) -> owned.put(name, StageBuild.ofRoot(node)));
        return owned;
    }

    private static void drain(InputStream stream) throws IOException {
        var buffer = new byte[16 << 10];
        long left = PADDING_MAX;
        for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
            left -= count;
            if (left < 0) throw new BadLayerException("more than %d bytes follow it".formatted(PADDING_MAX));
        }
    }

    /// What counts of a context: without what `.dockerignore` names, and without a Dockerfile that came from elsewhere.
    private static FileTree counted(BuildSpec spec, FileTree whole) throws IOException {
        var own = whole.at(Names.clean(Names.ofText(spec.dockerfile() + ".dockerignore"))).or(() -> whole.at(".dockerignore"));
        var ignored = ignored(own);
        var counted = new FileTree();
        whole.below("").forEach((name, node) -> {
            if (!name.equals(FOREIGN) && !ignored.ignores(Names.shown(name))) counted.put(name, node);
        });
        return counted;
    }

    private static IgnoreFile ignored(Optional<FileTree.Node> file) throws IOException {
        if (file.isEmpty() || file.get().content().isEmpty()) return IgnoreFile.parse("");
        try (var in = file.get().content().get().open()) {
            return IgnoreFile.parse(new String(in.readNBytes(DOCKERFILE_MAX), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new Problem(ErrorCode.BUILD_FAILED, ".dockerignore: %s.".formatted(e.getMessage()), e);
        }
    }

    private static String dockerfile(BuildSpec spec, FileTree context) throws IOException {
        var name = Names.clean(Names.ofText(spec.dockerfile()));
        var node = context.at(context.resolve(name)).filter(found -> found.content().isPresent()).orElseThrow(() -> new Problem(
                ErrorCode.BUILD_FAILED, "Cannot locate specified Dockerfile: %s is not in the context.".formatted(spec.dockerfile())));
        try (var in = node.content().orElseThrow().open()) {
            var bytes = in.readNBytes(DOCKERFILE_MAX + 1);
            if (bytes.length > DOCKERFILE_MAX) {
                throw new Problem(ErrorCode.BUILD_FAILED, "%s is longer than %d bytes.".formatted(spec.dockerfile(),
                        DOCKERFILE_MAX));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /// Source: Dockerfile reference, "Automatic platform ARGs"; BuildKit for what a build without a target is called.
    private Map<String, String> platforms(Arch arch, Optional<String> target) {
        var all = new LinkedHashMap<String, String>();
        all.put("TARGETSTAGE", target.orElse("default"));
        put(all, "TARGET", Platform.of(arch));
        put(all, "BUILD", Platform.of(host));
        return all;
    }

    private static void put(Map<String, String> all, String prefix, Platform whole) {
        // The usual variant is not said. Source: containerd, platforms, Normalize.
        var platform = whole.architecture().equals("arm64") ? new Platform(whole.architecture(), whole.os(), "") : whole;
        all.put(prefix + "PLATFORM", platform.toString());
        all.put(prefix + "OS", platform.os());
        all.put(prefix + "ARCH", platform.architecture());
        all.put(prefix + "VARIANT", platform.variant());
    }

    private static Optional<Long> epoch(BuildSpec spec) {
        return Optional.ofNullable(spec.arguments().get(EPOCH)).filter(text -> !text.isEmpty()).map(text -> {
            if (!text.matches("\\d{1,11}")) throw new Problem(ErrorCode.BAD_REQUEST,
                    "%s is seconds since 1970, not '%s'.".formatted(EPOCH, text));
            return Long.parseLong(text);
        });
    }

    /// Finds steps of other hosts; one image less is no reason not to build.
    private static void share(Work work) throws IOException, InterruptedException {
        for (var reference : work.spec().steps().from()) {
            int step = work.numbers().incrementAndGet();
            work.listener().tell(new BuildEvent.Begun(step, "importing cache manifest from " + reference, "", 0, 0));
            try {
                var image = CacheImage.of(work.store().share(reference, work.arch(), Progress.NONE, work.deadline()));
                work.cacheImages().add(image);
                work.listener().tell(new BuildEvent.Output(step, "%d steps\n".formatted(image.steps().size())
                        .getBytes(StandardCharsets.UTF_8)));
                work.listener().tell(new BuildEvent.Done(step, false, reference.toString()));
            } catch (Problem e) {
                if (e.code() == ErrorCode.CANCELLED) throw e;
                work.listener().tell(new BuildEvent.Failed(step, e.getMessage()));
            }
        }
    }

    private static StageBuild.Result run(Work work) throws IOException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // A stage needs only those before it, which are there already.
            for (int index : work.plan().needed()) {
                work.stages().put(index, threads.submit(() -> new StageBuild(work, work.plan().stages().get(index)).run()));
            }
            try {
                // The first failure is told, not that of a stage that waits for it.
                for (var stage : work.stages().values()) {
                    stage.get();
                }
                return work.stages().get(work.plan().target()).get();
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw Cause.again(e.getCause());
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }
    }

    /// Writes the files of layers stacked as one archive.
    public void writeFiles(BuildStore store, List<BuildStore.Layer> layers, OutputStream out) throws IOException {
        var all = trees.of(layers).below("").entrySet().stream()
                .map(file -> new Copying.Item(file.getKey(), file.getValue(), false)).toList();
        try (var spool = new Spool(store.temporary())) {
            LayerFile.write(trees.fetch(all, spool).stream().map(Copying.Item::node).toList(), out);
        }
    }

    /// Removes what cache mounts hold that no step uses now.
    ///
    /// @return how many bytes that freed
    public long pruneCaches() throws IOException, InterruptedException {
        return caches.prune(processes);
    }

    private static Images.Image image(Work work, StageBuild.Result result) throws IOException, InterruptedException {
        var draft = result.draft();
        draft.labels.putAll(work.spec().labels());
        int step = work.numbers().incrementAndGet();
        work.listener().tell(new BuildEvent.Begun(step, "exporting to image", "", 0, 0));
        var config = draft.toConfig(result.layers().stream().map(BuildStore.Layer::diffId).toList());
        var shared = work.spec().steps();
        if (shared.inline()) config = SharedSteps.in(config, result.layers(), work.used());
        Progress progress = (stage, _, _) -> work.listener()
                .tell(new BuildEvent.Output(step, (stage + "\n").getBytes(StandardCharsets.UTF_8)));
        var image = work.store().put(config, result.layers(), result.arch(), work.spec().tags(), progress, work.deadline());
        if (shared.to().isPresent()) {
            var layers = SharedSteps.layers(work.used());
            var all = draft.toConfig(layers.stream().map(BuildStore.Layer::diffId).toList());
            work.store().put(SharedSteps.in(all, layers, work.used()), layers, result.arch(),
                    List.of(shared.to().get()), progress, work.deadline());
        }
        var told = new StringBuilder("writing image %s\n".formatted(image.digest()));
        for (ImageReference tag : work.spec().tags()) {
            told.append("naming to ").append(tag).append('\n');
        }
        work.listener().tell(new BuildEvent.Output(step, told.toString().getBytes(StandardCharsets.UTF_8)));
        work.listener().tell(new BuildEvent.Done(step, false, image.digest()));
        return image;
    }
}
