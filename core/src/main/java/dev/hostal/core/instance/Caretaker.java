package dev.hostal.core.instance;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Upkeep;
import dev.hostal.core.journal.Request;
import dev.hostal.model.Change;
import dev.hostal.model.DiskId;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Mount;
import dev.hostal.model.Phase;
import dev.hostal.model.ProcessSpec;
import dev.hostal.spi.ImageExchange.CommitSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.Machine;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import dev.hostal.spi.Roots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// [Upkeep] of this node's instances.
public final class Caretaker implements Upkeep {
    /// Prints a line a process: `stat` of it, a bar, its command line. No image need have `ps` for that.
    private static final String SCRIPT = """
            for p in /proc/[0-9]*; do s=$(cat $p/stat 2>/dev/null) || continue; \
            echo "$s|$(tr '\\0' ' ' <$p/cmdline 2>/dev/null)"; done""";
    /// Longest list that is read of a guest, which may write what it likes.
    private static final int LIST_MAX = 4 << 20;

    private final Node node;
    private final Registry registry;

    public Caretaker(Node node, Registry registry) {
        this.node = node;
        this.registry = registry;
    }

    @Override public Instance update(InstanceId id, Change change) {
        return registry.get(id).update(change);
    }

    @Override public Processes processes(InstanceId id, Deadline deadline) throws IOException, InterruptedException {
        var owner = registry.get(id);
        var known = owner.running().machine().processes();
        if (known.isPresent()) return ProcessRows.of(known.get());
        var asked = new ProcessSpec(Optional.empty(), List.of("sh", "-c", SCRIPT), Map.of(), Optional.of("0"),
                Optional.of("/"), false, false);
        try (var process = new Talk(node, owner).exec(asked, Optional.empty(), deadline)) {
            var text = new String(process.stdout().readNBytes(LIST_MAX), StandardCharsets.UTF_8);
            return ProcessRows.of(text.lines().toList());
        }
    }

    @Override public Running running(InstanceId id) throws IOException {
        var running = registry.get(id).runningNow();
        if (running.isEmpty()) return Running.NOT;
        var tests = running.get().tests();
        return new Running(running.get().machine().pid(), tests.failures(), tests.last());
    }

    @Override public Optional<Bytes> written(InstanceId id) throws IOException {
        var roots = node.driver(registry.get(id).view().spec().kind()).roots();
        return roots.isEmpty() ? Optional.empty() : Optional.of(roots.get().written(id, registry.get(id).record().past().disk()));
    }

    @Override public List<Roots.Change> changes(InstanceId id, Deadline deadline) throws IOException, InterruptedException {
        var owner = registry.get(id);
        var view = owner.view();
        var mounted = view.spec().mounts().stream().map(Mount::target).collect(Collectors.toSet());
        return roots(view).changes(id, disk(owner), image(view, deadline), deadline).stream()
                .filter(change -> !mounted.contains(change.path())).toList();
    }

    @Override public void readRoot(InstanceId id, Roots.Reading reading, Deadline deadline)
            throws IOException, InterruptedException {
        var owner = registry.get(id);
        var roots = node.driver(owner.view().spec().kind()).roots();
        if (roots.isPresent()) {
            roots.get().readAll(id, disk(owner), image(owner.view(), deadline), reading, deadline);
            return;
        }
        try (var tar = new Talk(node, owner).readTar("/", deadline)) {
            reading.read(tar);
        }
    }

    @Override public Images.Image commit(InstanceId id, Commit commit, Deadline deadline)
            throws IOException, InterruptedException {
        var owner = registry.get(id);
        var view = owner.view();
        var roots = roots(view);
        var disk = disk(owner);
        commit.name().filter(name -> name.tag().isEmpty() || name.digest().isPresent()).ifPresent(name -> {
            throw Problem.badMember("image", "%s is no name with a tag.".formatted(name.familiar()));
        });
        var spec = view.spec();
        var mounted = spec.mounts().stream().map(Mount::target).collect(Collectors.toSet());
        var wanted = new CommitSpec(view.imageDigest(), commit.name(), spec.process(), mounted, spec.labels(),
                commit.config(), commit.author(), commit.comment(), commit.changes(), node.clock().instant());
        var image = node.exchange().commit(reading -> {
            var held = commit.pause() ? hold(owner) : Optional.<Machine>empty();
            try {
                roots.readWritten(id, disk, reading, deadline);
            } finally {
                if (held.isPresent()) letGo(held.get());
            }
        }, wanted, Progress.NONE, deadline);
        var name = commit.name().map(ImageReference::toString).orElse(image.digest());
        node.events().publish("image.committed", name, Map.of("digest", image.digest(), "instance", id.value()));
        node.log().info("image.committed", "instance", spec.name(), "image", name, "digest", image.digest());
        return image;
    }

    /// Makes it stand still where it runs, so that what is read is of one instant.
    private Optional<Machine> hold(InstanceOwner owner) throws IOException, InterruptedException {
        if (!(owner.view().phase() instanceof Phase.Running)) return Optional.empty();
        var machine = owner.running().machine();
        if (machine.isPaused()) return Optional.empty();
        machine.pause(Deadline.in(node.limits().briefMax()));
        return Optional.of(machine);
    }

    /// Also where the caller was interrupted: it must not stand still for that.
    private void letGo(Machine machine) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            machine.resume(Deadline.in(node.limits().briefMax()));
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /// What it writes to, or will: one that was never started with is made now.
    private Optional<DiskId> disk(InstanceOwner owner) throws IOException, InterruptedException {
        return new Disks(node).ensure(owner.record());
    }

    private Roots roots(Instance view) {
        return node.driver(view.spec().kind()).roots().orElseThrow(() -> new Problem(ErrorCode.UNSUPPORTED,
                "Instance %s is a virtual machine, whose disk is not compared with its image.".formatted(view.name())));
    }

    private RootImage image(Instance view, Deadline deadline) throws IOException, InterruptedException {
        return node.images().prepareLayers(view.imageDigest(), Progress.NONE, deadline);
    }

    @Override public List<String> prune(Deadline deadline) throws InterruptedException {
        var gone = new ArrayList<String>();
        for (var owner : registry.owners()) {
            var view = owner.view();
            boolean down = view.phase() instanceof Phase.Stopped || view.phase() instanceof Phase.Failed;
            if (!down || view.course().due().isPresent()) continue;
            try {
                var operation = owner.ask(new Request.Delete(false));
                while (!operation.status().isFinal() && !deadline.isPast()) {
                    operation = node.operations().waitForChange(operation, deadline);
                }
                if (owner.isGone()) gone.add(view.name().value());
            } catch (Problem problem) {
                // It was started meanwhile, or is gone already.
                if (problem.code() != ErrorCode.WRONG_PHASE && problem.code() != ErrorCode.INSTANCE_NOT_FOUND) throw problem;
            }
        }
        return gone;
    }
}
