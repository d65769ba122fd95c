package dev.hostal.image.build;

import dev.hostal.image.build.BuildStore.Made;
import dev.hostal.image.build.Owners.Owner;
import dev.hostal.oci.dockerfile.Dockerfile.Step;
import dev.hostal.oci.dockerfile.HereDocument;
import dev.hostal.oci.dockerfile.Instruction;
import dev.hostal.oci.dockerfile.Substitution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `COPY` and `ADD`: files of the context, of a stage, of an image, of the Dockerfile itself or of elsewhere.
final class CopyStep {
    /// Source: docker and BuildKit say it so.
    static final String SEVERAL =
            "When using COPY with more than one source file, the destination must be a directory and end with a /";

    private final StageBuild stage;
    private final Step step;
    private final Map<String, List<String>> flags;
    private final List<String> sources;
    private final String target;
    private final List<HereDocument> documents;
    /// Archives are unpacked and URLs fetched.
    private final boolean adds;

    private CopyStep(StageBuild stage, Step step, Map<String, List<String>> flags, List<String> sources, String target,
            List<HereDocument> documents, boolean adds) {
        this.stage = stage;
        this.step = step;
        this.flags = flags;
        this.sources = sources;
        this.target = target;
        this.documents = documents;
        this.adds = adds;
    }

    static CopyStep of(StageBuild stage, Step step, Instruction.Copy copy) {
        return new CopyStep(stage, step, copy.flags(), copy.sources(), copy.target(), copy.documents(), false);
    }

    static CopyStep of(StageBuild stage, Step step, Instruction.Add add) {
        return new CopyStep(stage, step, add.flags(), add.sources(), add.target(), add.documents(), true);
    }

    /// Reads a tree when it is needed.
    @FunctionalInterface
    private interface Reading {
        FileTree read() throws IOException, InterruptedException;
    }

    /// Where files are taken from.
    ///
    /// @param root key of all of them; empty where each has its own
    record Source(Optional<String> root, Reading reading) {
        FileTree tree() throws IOException, InterruptedException {
            return reading.read();
        }

        static Source context(StageBuild stage) {
            return new Source(Optional.empty(), () -> stage.work().context());
        }

        /// What stands for that name, else a stage before this one, else an image.
        static Source of(StageBuild stage, String name) throws IOException, InterruptedException {
            var contexts = stage.work().contexts();
            if (contexts.has(name)) {
                var other = contexts.image(name);
                return other.isPresent() ? ofImage(stage, other.get()) : new Source(Optional.empty(), () -> contexts.tree(name));
            }
            var before = stage.work().plan().stages().subList(0, stage.stage().index());
            var index = BuildPlan.from(before, name);
            if (index.isPresent()) {
                var other = stage.other(index.get());
                return new Source(Optional.of(other.root()), () -> stage.work().trees().of(other.layers()));
            }
            return ofImage(stage, name);
        }

        private static Source ofImage(StageBuild stage, String name) throws IOException, InterruptedException {
            var image = stage.image(name);
            return new Source(Optional.of(new Key("image")
                    .add(image.layers().stream().map(layer -> layer.diffId().value()).toList()).end()),
                    () -> stage.work().trees().of(image.layers()));
        }
    }

    boolean apply() throws IOException, InterruptedException {
        var fill = stage.fill();
        var from = flag("from");
        var into = fill.in(target);
        var owner = flag("chown").map(fill::in).orElse("");
        var mode = flag("chmod").map(fill::in).filter(text -> !text.isEmpty());
        var change = mode.map(ModeChange::parse);
        var wanted = sources.stream().map(fill::in).toList();
        if (!adds) refuseRemote(wanted);
        if (from.isPresent() && from.get().indexOf('$') >= 0) throw new BuildException(
                "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround");
        if (wanted.size() + documents.size() > 1 && !into.endsWith("/") && !into.equals(".")) throw new BuildException(SEVERAL);
        var source = from.isPresent() ? Source.of(stage, from.get()) : Source.context(stage);
        var choice = new Copying.Choice(is("parents"), flags.getOrDefault("exclude", List.of()).stream().map(fill::in).toList());
        // A layer of its own does not know what it will lie on.
        boolean link = is("link");
        try (var fetching = new Fetching(stage, flags, adds && from.isEmpty())) {
            var place = new Key("copy").add(link ? "" : stage.root, into.startsWith("/") ? "" : stage.draft.workdir,
                    into, who(owner, link), mode.orElse(""), Boolean.toString(choice.parents()), stage.work().epoch()
                    .map(String::valueOf).orElse("")).add(choice.exclude());
            var key = key(place, source, wanted, choice, fetching, fill);
            var known = stage.recall(key, step.text());
            if (known.isPresent()) {
                add(key, known.get(), link);
                return true;
            }
            var items = new ArrayList<>(from.isPresent() ? select(source, wanted, choice) : fetching.items());
            items.addAll(documents(fill));
            var fetched = stage.work().trees().fetch(items, fetching.spool());
            // Files of another stage that was built again may be the same all the same.
            var same = source.root().isPresent()
                    ? Optional.of(content(link ? "" : stage.root, into, owner, mode, choice, link, fetched))
                    : Optional.<String>empty();
            var again = same.isPresent() ? stage.recall(same.get(), step.text()) : Optional.<Made>empty();
            if (again.isPresent()) {
                stage.work().store().remember(key, again.get());
                add(key, again.get(), link);
                return true;
            }
            var made = stage.keep(key, stage.made(() -> {
                var under = link ? new FileTree() : stage.tree();
                // What comes from the context belongs to root, what is unpacked or comes from an image to whoever it did.
                var manner = stage.manner(owner(owner, stage.tree()), change);
                return Copying.place(fetched, into, stage.draft.workdir.isEmpty() ? "/" : stage.draft.workdir, under, manner);
            }));
            if (same.isPresent()) stage.work().store().remember(same.get(), made);
            add(key, made, link);
            return false;
        }
    }

    /// Files of another stage are the same when their layer is; so are those of a layer of its own.
    private void add(String key, Made made, boolean link) {
        boolean byLayer = link || flag("from").isPresent();
        var after = byLayer ? new Key("over")
                .add(stage.root, made.layer().map(layer -> layer.diffId().value()).orElse("")).end() : key;
        stage.add(key, after, made, step.text());
    }

    /// Names are those of whom the layer lies on; with `--link` only what they mean counts.
    private String who(String owner, boolean link) throws IOException {
        if (!link || owner.isEmpty()) return owner;
        return owner(owner, stage.tree()).map(found -> found.uid() + ":" + found.gid()).orElse("");
    }

    private String content(String root, String into, String owner, Optional<String> mode, Copying.Choice choice, boolean link,
            List<Copying.Item> items) throws IOException {
        var key = new Key("copied").add(root, into.startsWith("/") ? "" : stage.draft.workdir, into, who(owner, link),
                mode.orElse(""), Boolean.toString(choice.parents()), stage.work().epoch().map(String::valueOf).orElse(""));
        return Copying.key(key, items).end();
    }

    private String key(Key key, Source source, List<String> wanted, Copying.Choice choice, Fetching fetching, Substitution fill)
            throws IOException, InterruptedException {
        if (source.root().isPresent()) {
            key.add(source.root().get()).add(wanted);
        } else {
            fetching.prepare(source.tree(), wanted, choice);
            Copying.key(key, fetching.items());
        }
        return Copying.key(key, documents(fill)).end();
    }

    private static List<Copying.Item> select(Source source, List<String> wanted, Copying.Choice choice)
            throws IOException, InterruptedException {
        return wanted.isEmpty() ? List.of() : Copying.select(source.tree(), wanted, choice);
    }

    private List<Copying.Item> documents(Substitution fill) {
        return documents.stream().map(document -> {
            var text = document.expand() ? fill.keepingQuotes().in(document.content()) : document.content();
            long now = stage.work().epoch().orElseGet(() -> stage.work().clock().instant().getEpochSecond());
            var node = Spool.file(Names.ofText(document.name()), 0644, now,
                    text.getBytes(StandardCharsets.UTF_8));
            return new Copying.Item(Names.ofText(document.name()), node, true);
        }).toList();
    }

    private Optional<Owner> owner(String text, FileTree there) throws IOException {
        if (text.isEmpty()) return Optional.empty();
        return Optional.of(Owners.of(there).find(text));
    }

    private static void refuseRemote(List<String> wanted) {
        for (var source : wanted) {
            if (Fetching.isGit(source)) {
                throw new BuildException("source can't be a git ref for COPY: %s (ADD takes one)".formatted(source));
            }
            if (Fetching.isUrl(source)) {
                throw new BuildException("source can't be a URL for COPY: %s (ADD takes one)".formatted(source));
            }
        }
    }

    private Optional<String> flag(String name) {
        return Optional.ofNullable(flags.get(name)).map(List::getLast);
    }

    private boolean is(String name) {
        return flag(name).filter(value -> value.equals("true") || value.equals("1")).isPresent();
    }
}
