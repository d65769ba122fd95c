package dev.hostal.image.build;

import dev.hostal.base.Cause;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.build.BuildPlan.Base;
import dev.hostal.image.build.BuildPlan.Stage;
import dev.hostal.image.build.BuildStore.Layer;
import dev.hostal.image.build.BuildStore.Made;
import dev.hostal.image.build.Builder.Work;
import dev.hostal.image.build.FileTree.Node;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Platform;
import dev.hostal.oci.dockerfile.Dockerfile;
import dev.hostal.oci.dockerfile.Dockerfile.Step;
import dev.hostal.oci.dockerfile.DockerfileException;
import dev.hostal.oci.dockerfile.Instruction;
import dev.hostal.oci.dockerfile.Substitution;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

/// Builds one stage, step by step. Used by one thread.
final class StageBuild {
    /// What a stage has made.
    ///
    /// @param root key of the files that are there
    /// @param args those of `ARG`: a stage on this one has them too
    record Result(String root, List<Layer> layers, Draft draft, Arch arch, Map<String, String> args) {}

    private final Work work;
    private final Stage stage;
    private Arch arch;
    final Map<String, String> args = new LinkedHashMap<>();
    final ArrayList<Layer> layers = new ArrayList<>();
    String root = "";
    Draft draft;
    private Optional<FileTree> tree = Optional.empty();
    private int number;
    /// How many steps were shown so far.
    private int shown;
    /// How many of the base's triggers change files.
    private long triggered;

    StageBuild(Work work, Stage stage) {
        this.work = work;
        this.stage = stage;
        this.arch = BuildFailure.get(stage.from(), () -> stage.platform().map(StageBuild::arch).orElse(work.arch()));
        this.draft = Draft.scratch(Platform.of(arch), work.time().truncatedTo(ChronoUnit.SECONDS));
    }

    private static Arch arch(String platform) {
        var plain = platform.startsWith("linux/") ? platform.substring(6) : platform;
        return Arch.parse(plain);
    }

    Work work() {
        return work;
    }

    Stage stage() {
        return stage;
    }

    Arch arch() {
        return arch;
    }

    Result run() throws IOException, InterruptedException {
        begin();
        var triggers = List.copyOf(draft.triggers);
        draft.triggers.clear();
        var brought = triggers.stream().flatMap(trigger -> parse(trigger).stream()).toList();
        triggered = brought.stream().filter(step -> changesFiles(step.instruction())).count();
        for (var step : brought) {
            take(step, 0);
        }
        int place = work.before(stage) + 1;
        for (var step : stage.steps()) {
            take(step, ++place);
        }
        return new Result(root, List.copyOf(layers), draft, arch, Map.copyOf(args));
    }

    private List<Step> parse(String trigger) {
        try {
            var steps = Dockerfile.parse("FROM scratch\n" + trigger).steps();
            return steps.subList(1, steps.size()).stream()
                    .map(step -> new Step(stage.from().line(), stage.from().end(), step.text(), step.instruction())).toList();
        } catch (DockerfileException e) {
            throw new BuildFailure(stage.from(), "the base image's ONBUILD %s: %s".formatted(trigger, e.getMessage()), e);
        }
    }

    // ---- FROM

    private void begin() throws IOException, InterruptedException {
        var from = stage.from();
        number = work.numbers().incrementAndGet();
        tell(new BuildEvent.Begun(number, title(from.text()), from.text(), work.before(stage) + 1, work.all()));
        try {
            switch (stage.base()) {
                case Base.Scratch _ -> root = new Key("scratch").end();
                case Base.OfStage(int index) -> {
                    var other = other(index);
                    draft = other.draft().next();
                    draft.cmdSaid = false;
                    arch = other.arch();
                    args.putAll(other.args());
                    layers.addAll(other.layers());
                    root = other.root();
                }
                case Base.OfImage(var name) -> {
                    var base = image(name);
                    draft = Draft.on(base.config(), Platform.of(arch), work.epoch().map(Instant::ofEpochSecond));
                    layers.addAll(base.layers());
                    root = new Key("image").add(layers.stream().map(layer -> layer.diffId().value()).toList()).end();
                }
            }
            tell(new BuildEvent.Done(number, false, id()));
        } catch (Problem | IllegalArgumentException e) {
            tell(new BuildEvent.Failed(number, e.getMessage()));
            throw e instanceof Problem problem && problem.code() == ErrorCode.CANCELLED ? problem
                    : new BuildFailure(from, e.getMessage(), e);
        }
    }

    BuildStore.Base image(String name) throws IOException, InterruptedException {
        var reference = ImageReference.parse(name);
        var last = new AtomicReference<>("");
        Progress progress = (said, _, _) -> {
            if (!said.equals(last.getAndSet(said))) {
                tell(new BuildEvent.Output(number, (said + "\n").getBytes(StandardCharsets.UTF_8)));
            }
        };
        return work.store().base(reference, arch, progress, work.deadline());
    }

    /// A stage that only a trigger of the base image needs is begun here.
    private Future<Result> started(int index) {
        var task = new FutureTask<>(() -> new StageBuild(work, work.plan().stages().get(index)).run());
        var there = work.stages().putIfAbsent(index, task);
        if (there != null) return there;
        task.run();
        return task;
    }

    Result other(int index) throws IOException, InterruptedException {
        try {
            return started(index).get();
        } catch (ExecutionException e) {
            throw Cause.again(e.getCause());
        }
    }

    // ---- steps

    private void take(Step step, int place) throws IOException, InterruptedException {
        number = work.numbers().incrementAndGet();
        boolean silent = !changesFiles(step.instruction());
        tell(new BuildEvent.Begun(number, silent ? "" : title(step.text()), step.text(), place, work.all()));
        try {
            boolean cached = apply(step);
            tell(new BuildEvent.Done(number, cached, id()));
        } catch (IllegalArgumentException | BuildException e) {
            tell(new BuildEvent.Failed(number, e.getMessage()));
            throw new BuildFailure(step, e.getMessage(), e);
        } catch (Problem e) {
            tell(new BuildEvent.Failed(number, e.getMessage()));
            if (e.code() == ErrorCode.CANCELLED) throw e;
            throw new BuildFailure(step, e.getMessage(), e);
        }
    }

    /// As BuildKit calls steps: counted are those that change files, and a stage that is alone and has no name is not named.
    private String title(String text) {
        shown++;
        long all = 1 + triggered + stage.steps().stream().filter(step -> changesFiles(step.instruction())).count();
        boolean alone = work.plan().stages().size() == 1 && stage.name().isEmpty();
        return "[%s%d/%d] %s".formatted(alone ? "" : stage.title() + " ", shown, all, text);
    }

    private static boolean changesFiles(Instruction instruction) {
        return instruction instanceof Instruction.Run || instruction instanceof Instruction.Copy
                || instruction instanceof Instruction.Add || instruction instanceof Instruction.Workdir;
    }

    /// @return whether nothing had to be done
    private boolean apply(Step step) throws IOException, InterruptedException {
        var fill = fill();
        switch (step.instruction()) {
            case Instruction.Run run -> {
                return new RunStep(this, step, run).apply();
            }
            case Instruction.Copy copy -> {
                return CopyStep.of(this, step, copy).apply();
            }
            case Instruction.Add add -> {
                return CopyStep.of(this, step, add).apply();
            }
            case Instruction.Workdir(var path) -> {
                draft.workdir = "/" + Names.shown(Names.clean(Names.ofText(draft.absolute(fill.in(path)))));
                return makeWorkdir(step);
            }
            default -> {
                new ConfigStep(draft, args, work, fill).apply(step.instruction());
                boolean known = isKnown(step);
                draft.record(step.text(), true);
                return known;
            }
        }
    }

    /// Whether what only changes the config was done by a former build: nothing is saved by that, but it is told.
    private boolean isKnown(Step step) throws IOException {
        var key = new Key("config").add(root, step.text(), draft.toConfig(List.of()).object("config").toText()).end();
        var known = recall(key, step.text());
        work.used().put(key, known.isPresent() ? known.get() : keep(key, Optional.empty()));
        return known.isPresent();
    }

    /// Variables as this step sees them: `ENV` wins over `ARG`.
    Substitution fill() {
        return new Substitution(name -> Optional.ofNullable(draft.env.get(name)).or(() -> Optional.ofNullable(args.get(name))),
                work.file().escape());
    }

    private boolean makeWorkdir(Step step) throws IOException, InterruptedException {
        var name = Names.clean(Names.ofText(draft.workdir));
        var key = new Key("workdir").add(root, name, draft.user).end();
        return layer(key, step.text(), () -> {
            var there = tree();
            var real = there.resolve(name);
            var at = there.at(real);
            if (at.filter(Node::isFolder).isPresent()) return List.of();
            if (at.isPresent()) throw new BuildException("WORKDIR %s is no folder".formatted(draft.workdir));
            var manner = manner(user(there), Optional.empty());
            return Copying.place(List.of(new Copying.Item("", Copying.folder(real, manner), false)),
                    "/" + Names.shown(real), "/", there, manner);
        });
    }

    /// Whoever the next steps run as; nobody where the image does not know them. Source: BuildKit; the classic builder
    /// knows root only.
    private Optional<Owners.Owner> user(FileTree there) throws IOException {
        if (draft.user.isEmpty()) return Optional.empty();
        try {
            return Optional.of(Owners.of(there).find(draft.user));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    Copying.Manner manner(Optional<Owners.Owner> owner, Optional<ModeChange> mode) {
        return new Copying.Manner(owner, mode, work.epoch(), work.clock().instant().getEpochSecond());
    }

    /// Says which files a layer has.
    @FunctionalInterface
    interface Files {
        List<Node> make() throws IOException, InterruptedException;
    }

    /// The layer of a step, from the cache or made; a step without files makes none.
    ///
    /// @return whether it was known
    boolean layer(String key, String createdBy, Files files) throws IOException, InterruptedException {
        var known = recall(key, createdBy);
        if (known.isPresent()) {
            add(key, known.get(), createdBy);
            return true;
        }
        remember(key, made(files), createdBy);
        return false;
    }

    /// Writes the files of a layer; none where there are no files.
    Optional<Layer> made(Files files) throws IOException, InterruptedException {
        var nodes = files.make();
        Optional<Layer> layer = Optional.empty();
        if (!nodes.isEmpty()) {
            var tar = work.store().temporary();
            try {
                LayerFile.write(nodes, tar);
                layer = Optional.of(work.store().take(tar, work.deadline()));
            } finally {
                java.nio.file.Files.deleteIfExists(tar);
            }
        }
        return layer;
    }

    Optional<Made> recall(String key, String createdBy) throws IOException {
        var uncached = work.spec().asked().uncached();
        boolean runs = work.spec().noCache() || uncached.contains(Integer.toString(stage.index()))
                || uncached.stream().anyMatch(name -> !stage.name().isEmpty() && name.equalsIgnoreCase(stage.name()));
        if (runs) return Optional.empty();
        var known = work.store().recall(key);
        var steps = work.spec().steps();
        return steps.only() && !steps.from().isEmpty() ? known.filter(made -> isOfACacheImage(key, createdBy, made)) : known;
    }

    private boolean isOfACacheImage(String key, String createdBy, Made made) {
        return work.cacheImages().stream().anyMatch(image -> image.has(key, draft.createdBy(), layers, createdBy, made));
    }

    /// Keeps what a step has made now.
    void remember(String key, Optional<Layer> layer, String createdBy) throws IOException {
        add(key, keep(key, layer), createdBy);
    }

    Made keep(String key, Optional<Layer> layer) throws IOException {
        var made = new Made(layer, work.time().truncatedTo(ChronoUnit.SECONDS));
        work.store().remember(key, made);
        return made;
    }

    void add(String key, Made made, String createdBy) {
        add(key, key, made, createdBy);
    }

    /// @param after key of the files that are there then
    void add(String key, String after, Made made, String createdBy) {
        made.layer().ifPresent(layers::add);
        if (made.layer().isPresent()) tree = Optional.empty();
        work.used().put(key, made);
        root = after;
        draft.record(createdBy, made.layer().isEmpty(), made.time());
    }

    /// All files that are there now.
    FileTree tree() throws IOException {
        if (tree.isEmpty()) tree = Optional.of(work.trees().of(layers));
        return tree.get();
    }

    void output(String text) {
        tell(new BuildEvent.Output(number, text.getBytes(StandardCharsets.UTF_8)));
    }

    void output(byte[] bytes, boolean stderr) {
        tell(new BuildEvent.Output(number, bytes, stderr));
    }

    private void tell(BuildEvent event) {
        work.listener().tell(event);
    }

    /// Short, as `docker build` shows what is made so far.
    private String id() {
        return new Key("id").add(root).add(draft.toConfig(List.of()).object("config").toText()).end().substring(0, 12);
    }

    /// The same file, which belongs to root.
    static Node ofRoot(Node node) {
        var entry = node.entry();
        var old = entry.attributes();
        return new Node(new TarEntry(entry.type(), entry.name(), entry.linkName(), entry.size(),
                new Attributes(old.mode(), 0, 0, old.mtime(), old.xattrs()), entry.device()), node.content());
    }
}
