package dev.hostal.core.instance;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.WarmRecord;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.Confinement;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Limits;
import dev.hostal.spi.Images;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// One machine that waits for the next run like the last one: it went on from its image's checkpoint and is paused. It is
/// nobody's until an instance is created with its id and its disk, and is found by that instance's start as one that an
/// earlier daemon has started. Nothing of it is journalled before: what a daemon that dies leaves of it is removed by the
/// next one, as everything that no instance owns. Any thread may ask.
public final class NextRun {
    /// How long it waits before it ends. Chosen: who works with an image runs it again within minutes.
    private static final Duration WAITS_MAX = Duration.ofMinutes(5);
    /// How long the run that is like it may take the processors for itself. Chosen.
    private static final Duration SETTLE_MAX = Duration.ofSeconds(1);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);
    private static final int BRIEF_TIMES = 2;
    private static final String NAME = "next-";

    /// What a run must have in common with the last one, beside the content of its image.
    private record Shape(ImageReference image, Optional<Arch> arch, int cpus, Bytes memory, Bytes diskSize, Boot boot,
            Limits limits, Confinement confinement) {
        /// Empty where such a run takes no machine that waits: its mounts, NICs or ports are its own.
        static Optional<Shape> of(InstanceSpec spec) {
            if (spec.kind() != Kind.VM || !spec.mounts().isEmpty() || !spec.nics().isEmpty() || !spec.ports().isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Shape(spec.image(), spec.arch(), spec.cpus(), spec.memory(), spec.diskSize(),
                    spec.boot(), spec.limits(), spec.confinement()));
        }
    }

    /// @param disk what it writes to, over the disk of the checkpoint
    /// @param key what the checkpoint is of
    record Waiting(Shape shape, String key, InstanceId id, DiskRecord disk, WarmRecord warm, Machine machine) {}

    private final Errands errands = new Errands();
    private final Map<InstanceId, Waiting> claimed = new HashMap<>();
    private Optional<Waiting> waiting = Optional.empty();
    private boolean making;

    /// The machine that such a run can have; from then on it is that run's, until [#settled] or [#giveUp].
    synchronized Optional<Waiting> claim(InstanceSpec spec) {
        var found = waiting.filter(one -> Shape.of(spec).equals(Optional.of(one.shape())));
        found.ifPresent(one -> {
            waiting = Optional.empty();
            claimed.put(one.id(), one);
        });
        return found;
    }

    /// What was claimed under that id, where an instance of that image can have it: it goes otherwise.
    Optional<Waiting> keepFor(Node node, InstanceId id, Images.Image image, boolean init) throws InterruptedException {
        Optional<Waiting> found;
        synchronized (this) {
            found = Optional.ofNullable(claimed.get(id));
        }
        if (found.isEmpty()) return found;
        if (!init && WarmKey.imageOf(found.get().key()).equals(image.digest())) return found;
        giveUp(node, id);
        return Optional.empty();
    }

    /// The key of the machine that was claimed under that id; it is its instance's for good.
    Optional<String> settled(Node node, InstanceId id) {
        Optional<Waiting> found;
        synchronized (this) {
            found = Optional.ofNullable(claimed.remove(id));
        }
        found.ifPresent(one -> letGo(node, one));
        return found.map(Waiting::key);
    }

    /// No instance came of it.
    void giveUp(Node node, InstanceId id) throws InterruptedException {
        Optional<Waiting> found;
        synchronized (this) {
            found = Optional.ofNullable(claimed.remove(id));
        }
        if (found.isPresent()) remove(node, found.get());
    }

    /// The same, without waiting for it.
    void giveUpSoon(Node node, InstanceId id) {
        Thread.ofVirtual().name("next-run-given-up").start(() -> {
            try {
                giveUp(node, id);
            } catch (InterruptedException _) {
                // Nobody interrupts it.
            }
        });
    }

    /// A run has begun: another one like it is to find a machine.
    ///
    /// @param spec of its machine
    void begun(Node node, InstanceRecord record, MachineSpec spec, WarmRecord warm) {
        var shape = Shape.of(record.spec());
        if (!node.limits().ahead() || !record.spec().autoRemove() || shape.isEmpty()) return;
        synchronized (this) {
            if (errands.isClosed() || making || waiting.filter(one -> one.key().equals(warm.key()) && one.shape().equals(shape.get()))
                    .isPresent()) return;
            making = true;
        }
        errands.begin("next-run", () -> make(node, record, shape.get(), spec, warm));
    }

    /// Whether one waits now.
    public synchronized boolean isReady() {
        return waiting.isPresent();
    }

    /// Ends what waits.
    void end(Node node) throws InterruptedException {
        Optional<Waiting> last;
        synchronized (this) {
            last = waiting;
            waiting = Optional.empty();
        }
        if (last.isPresent()) remove(node, last.get());
    }

    /// Nothing waits any more, nor ever will; what was claimed is its instance's, or the next daemon's to remove.
    public void close(Node node) {
        errands.close();
        try {
            end(node);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void make(Node node, InstanceRecord record, Shape shape, MachineSpec spec, WarmRecord warm) {
        try {
            Optional<Waiting> made;
            try {
                end(node);
                settle(node, record.id());
                made = Optional.of(start(node, record, shape, spec, warm));
            } catch (IOException | Problem e) {
                if (!node.journal().isClosed()) node.log().warn("run.not-ahead", "image",
                        record.spec().image().familiar(), "because", e.getMessage());
                made = Optional.empty();
            } finally {
                synchronized (this) {
                    making = false;
                }
            }
            if (made.isEmpty()) return;
            boolean late;
            synchronized (this) {
                late = errands.isClosed();
                if (!late) waiting = made;
            }
            if (!late) Thread.sleep(WAITS_MAX);
            synchronized (this) {
                if (!late && !waiting.equals(made)) return;
                waiting = Optional.empty();
            }
            remove(node, made.get());
        } catch (InterruptedException _) {
            // The daemon ends, and ends what waits.
        } catch (RuntimeException | Error bug) {
            if (!node.journal().isClosed()) node.log().error("run.ahead", bug);
        }
    }

    /// Who runs now is waited for, not held up.
    private static void settle(Node node, InstanceId run) throws InterruptedException {
        var deadline = Deadline.in(SETTLE_MAX);
        while (!deadline.isPast() && node.registry().find(run).isPresent()) {
            Thread.sleep(LOOK_EVERY);
        }
    }

    private static Waiting start(Node node, InstanceRecord record, Shape shape, MachineSpec like, WarmRecord warm)
            throws IOException, InterruptedException {
        var id = node.newId();
        hold(node, warm);
        boolean done = false;
        var time = node.tidying().orElseThrow();
        try (var _ = time.share(warm.disk())) {
            var below = node.points().disk(warm.disk()).orElseThrow(() -> new IOException("its disk is gone"));
            var disk = below.overlay(node.points().newDisk());
            try {
                var started = started(node, time, record, like, id, disk, warm);
                done = true;
                return new Waiting(shape, warm.key(), id, disk, warm, started);
            } finally {
                if (!done) removeMachine(node, id, disk);
            }
        } finally {
            if (!done) letGo(node, warm);
        }
    }

    private static Machine started(Node node, Tidying time, InstanceRecord record, MachineSpec like, InstanceId id,
            DiskRecord disk, WarmRecord warm) throws IOException, InterruptedException {
        var name = new InstanceName(NAME + id.brief());
        var deadline = Deadline.in(node.limits().briefMax().multipliedBy(BRIEF_TIMES));
        time.host(Kind.VM).ensureDisk(disk.id(), disk.base(), disk.size(), deadline);
        var plugging = node.networks().machines().plugFleeting(id, record.spec().named(name));
        var moment = new MachineSpec.Moment(Optional.of(disk.id()), Optional.of(warm.memory()), true);
        var spec = new MachineSpec(id, name.hostname(), like.arch(), like.cpus(), like.memory(), like.diskSize(),
                like.root(), StartAct.macOf(id), like.program(), moment, like.limits(), like.confinement(), like.mounts(),
                plugging.nics());
        node.starts().acquire();
        try {
            var machine = node.driver(Kind.VM).start(spec, Progress.NONE, deadline);
            machine.pause(deadline);
            return machine;
        } finally {
            node.starts().release();
        }
    }

    private static void remove(Node node, Waiting one) throws InterruptedException {
        try {
            one.machine().close();
            removeMachine(node, one.id(), one.disk());
        } finally {
            letGo(node, one);
        }
    }

    /// Also where the thread is interrupted: nobody else knows of it before the next daemon.
    private static void removeMachine(Node node, InstanceId id, DiskRecord disk) throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        try {
            node.driver(Kind.VM).ensureAbsent(id.brief());
            node.networks().machines().forget(id);
            node.tidying().orElseThrow().host(Kind.VM).ensureDiskAbsent(disk.id());
        } catch (IOException | Problem e) {
            node.log().warn("run.ahead-left", "machine", id.brief(), "because", e.getMessage());
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private static void hold(Node node, WarmRecord warm) {
        node.points().hold(warm.disk());
        node.points().hold(warm.memory());
    }

    private static void letGo(Node node, Waiting one) {
        letGo(node, one.warm());
    }

    private static void letGo(Node node, WarmRecord warm) {
        node.points().letGo(warm.memory());
        node.points().letGo(warm.disk());
        node.tidy();
    }
}
