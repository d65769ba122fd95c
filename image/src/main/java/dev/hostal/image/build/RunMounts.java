package dev.hostal.image.build;

import dev.hostal.base.Bytes;
import dev.hostal.linux.Command;
import dev.hostal.linux.Folders;
import dev.hostal.oci.layer.LayerNames;
import dev.hostal.spi.MachineMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What `RUN --mount` asks for, from the key of each to a place in the container; gone when it is closed.
final class RunMounts implements AutoCloseable {
    /// Source: Dockerfile reference, "RUN --mount=type=secret".
    private static final String SECRETS = "/run/secrets/";
    /// Source: Dockerfile reference, "RUN --mount=type=ssh".
    private static final String AGENTS = "/run/buildkit/ssh_agent.";

    /// Source: BuildKit's frontend.
    private static final String PROGRAMS = "/dev/pipes/";

    private final StageBuild stage;
    private final List<MountFlag> flags;
    private final ArrayList<MachineMount> mounts = new ArrayList<>();
    private final Map<String, String> env = new LinkedHashMap<>();
    private final Deque<Closing> closings = new ArrayDeque<>();

    private interface Closing {
        void close() throws IOException;
    }

    RunMounts(StageBuild stage, List<MountFlag> flags) {
        this.stage = stage;
        this.flags = flags;
    }

    /// What of them decides the outcome: their options, and the files that are bound.
    List<String> keys() throws IOException, InterruptedException {
        var keys = new ArrayList<String>();
        for (var flag : flags) {
            var key = new Key("mount").add(flag.type());
            new TreeMap<>(flag.options()).forEach(key::add);
            if (flag.type().equals("bind")) {
                var source = source(flag);
                if (source.root().isPresent()) key.add(source.root().get(), path(flag));
                else Copying.key(key, items(flag, source.tree()));
            }
            keys.add(key.end());
        }
        return keys;
    }

    private static String path(MountFlag flag) {
        return flag.find("source").orElse("/");
    }

    private CopyStep.Source source(MountFlag flag) throws IOException, InterruptedException {
        return flag.from().isPresent() ? CopyStep.Source.of(stage, flag.from().get()) : CopyStep.Source.context(stage);
    }

    private static List<Copying.Item> items(MountFlag flag, FileTree tree) {
        return Copying.select(tree, List.of(path(flag)), new Copying.Choice(false, List.of()));
    }

    /// Makes everything that is to be mounted.
    void prepare() throws IOException, InterruptedException {
        for (var flag : flags) {
            switch (flag.type()) {
                case "tmpfs" -> mounts.add(new MachineMount(new MachineMount.Memory(flag.find("size").map(Bytes::parse),
                        Optional.empty(), true), target(flag), flag.readOnly()));
                case "cache" -> cache(flag);
                case "bind" -> bind(flag);
                case "secret" -> secret(flag);
                case "ssh" -> ssh(flag);
                default -> throw new IllegalStateException(flag.type());
            }
        }
    }

    private String target(MountFlag flag) {
        var target = "/" + Names.clean(stage.draft.absolute(flag.find("target").orElseThrow()));
        if (target.equals("/")) throw new BuildException("invalid mount target \"/\"");
        return target;
    }

    private void cache(MountFlag flag) throws IOException, InterruptedException {
        var id = flag.find("id").orElseGet(() -> "/" + Names.clean(flag.find("target").orElseThrow()));
        var sharing = flag.find("sharing").orElse("shared");
        if (!List.of("shared", "private", "locked").contains(sharing)) throw new BuildException(
                "unsupported sharing value \"%s\": shared, private, locked".formatted(sharing));
        var use = stage.work().caches().take(id, sharing, number(flag, "mode", 8, 0755), number(flag, "uid", 10, 0),
                number(flag, "gid", 10, 0));
        closings.push(use::close);
        // One that is new begins with what the stage has that it is of.
        if (use.made() && flag.from().isPresent()) write(items(flag, source(flag).tree()), use.path());
        mounts.add(mount(use.path(), target(flag), flag.readOnly()));
    }

    private static int number(MountFlag flag, String name, int radix, int otherwise) {
        return flag.find(name).map(text -> {
            try {
                return Integer.parseInt(text, radix);
            } catch (NumberFormatException e) {
                throw new BuildException("%s=%s is no number".formatted(name, text), e);
            }
        }).orElse(otherwise);
    }

    private static MachineMount mount(Path path, String target, boolean readOnly) {
        return new MachineMount(new MachineMount.Folder(path, "", false, Optional.empty(), false, Optional.empty()),
                target, readOnly);
    }

    /// A copy, which the step may write to as it likes: what it writes is thrown away.
    private void bind(MountFlag flag) throws IOException, InterruptedException {
        var items = items(flag, source(flag).tree());
        if (items.isEmpty()) throw new BuildException("nothing fits '%s'".formatted(path(flag)));
        var made = folder();
        write(items, made);
        boolean single = items.size() == 1 && items.getFirst().single();
        var shown = single ? made.resolve(Names.shown(items.getFirst().name())) : made;
        mounts.add(mount(shown, target(flag), flag.readOnly()));
    }

    private void write(List<Copying.Item> items, Path into) throws IOException, InterruptedException {
        var spool = new Spool(stage.work().store().temporary());
        closings.push(spool::close);
        var placed = Copying.place(stage.work().trees().fetch(items, spool), "/m/", "/", new FileTree(),
                stage.manner(Optional.empty(), Optional.empty()));
        var tar = stage.work().store().temporary();
        try {
            LayerFile.write(placed, tar);
            stage.work().processes().run(Command.of("tar", "-C", into.toString(), "--numeric-owner", "--xattrs",
                    "--xattrs-include=*", "--strip-components=1", "-xpf", tar.toString()), stage.work().deadline())
                    .orThrow("making what a step mounts");
        } finally {
            Files.deleteIfExists(tar);
        }
    }

    /// A program that is written in the Dockerfile itself, with an interpreter of its own.
    ///
    /// @return where it is
    String program(String name, String content) throws IOException {
        var file = Files.writeString(folder().resolve("program"), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        var place = PROGRAMS + name.replace('/', '_');
        mounts.add(mount(file, place, true));
        return place;
    }

    private Path folder() throws IOException {
        var folder = stage.work().store().temporary();
        closings.push(() -> Removal.of(folder, stage.work().processes()));
        Files.createDirectory(folder);
        return folder;
    }

    private void secret(MountFlag flag) throws IOException, InterruptedException {
        var id = flag.find("id").or(() -> flag.find("target").map(LayerNames::last)).orElseThrow(() ->
                new BuildException("a secret needs an id or a target"));
        var content = stage.work().spec().secret(id);
        if (content.isEmpty()) {
            if (flag.is("required")) {
                throw new BuildException("secret %s: not found\nMaybe give it with --secret id=%s,src=FILE.".formatted(id, id));
            }
            return;
        }
        flag.find("env").ifPresent(name -> env.put(name, new String(content.get(), StandardCharsets.UTF_8)));
        if (flag.find("env").isPresent() && flag.find("target").isEmpty()) return;
        var folder = folder();
        Folders.ensurePrivate(folder);
        var file = Files.write(folder.resolve("secret"), content.get());
        permit(file, number(flag, "mode", 8, 0400), number(flag, "uid", 10, 0), number(flag, "gid", 10, 0));
        mounts.add(mount(file, flag.find("target").map(_ -> target(flag)).orElse(SECRETS + id), true));
    }

    /// Source: Dockerfile reference, "RUN --mount=type=ssh".
    private void ssh(MountFlag flag) throws IOException, InterruptedException {
        var id = flag.find("id").orElse("default");
        var caller = stage.work().spec().asked().caller();
        if (!caller.hasAgent(id)) {
            if (flag.is("required")) {
                throw new BuildException("no SSH key \"%s\" forwarded from the client\nMaybe give it with --ssh %s.".formatted(id, id));
            }
            return;
        }
        var folder = folder();
        var agent = new AgentSocket(folder.resolve("agent"), caller, id);
        closings.push(agent::close);
        permit(agent.path(), number(flag, "mode", 8, 0600), number(flag, "uid", 10, 0), number(flag, "gid", 10, 0));
        var target = flag.find("target").map(_ -> target(flag)).orElse(AGENTS + mounts.size());
        mounts.add(mount(agent.path(), target, false));
        env.put("SSH_AUTH_SOCK", target);
    }

    /// The folder around it is the build's own, and a socket cannot be opened.
    private static void permit(Path file, int mode, int uid, int gid) throws IOException {
        Files.setAttribute(file, "unix:mode", mode);
        Files.setAttribute(file, "unix:uid", uid);
        Files.setAttribute(file, "unix:gid", gid);
    }

    List<MachineMount> all() {
        return mounts;
    }

    Map<String, String> env() {
        return env;
    }

    /// Where something is mounted, as archives name it.
    Set<String> targets() {
        return mounts.stream().map(mount -> Names.clean(Names.ofText(mount.target())))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @Override public void close() throws IOException {
        while (!closings.isEmpty()) closings.pop().close();
    }
}
