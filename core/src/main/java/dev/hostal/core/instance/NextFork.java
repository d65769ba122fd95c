package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.Request;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Phase;
import dev.hostal.spi.ForksAhead;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is begun of the next fork of the instance that was forked last: a machine without a guest that waits for it, and a
/// copy of the memory that only has to be brought up to date. It is nobody's until a fork is asked for under its id.
/// Nothing of it is journalled before: what a daemon that dies leaves of it is removed by the next one, as everything that
/// no instance owns. Any thread may ask.
public final class NextFork {
    /// How long it waits. Chosen: who forks a machine again does so within minutes.
    private static final Duration WAITS_MAX = Duration.ofMinutes(5);
    /// How long the forks that were just made have the processors for themselves. Chosen.
    private static final Duration SETTLE = Duration.ofMillis(300);
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final String NAME = "next-";

    /// @param source what it is begun of
    /// @param machine that runs it: another one has another memory
    /// @param chain the disk that the source writes to, and what that lies over
    /// @param disk of the fork
    private record Begun(InstanceId source, RunningMachine machine, List<DiskId> chain, InstanceId id,
            CheckpointId checkpoint, DiskRecord disk) {}

    private final Errands errands = new Errands();
    private final Map<InstanceId, Begun> claimed = new HashMap<>();
    private Optional<Begun> waiting = Optional.empty();
    private boolean making;

    /// The id that the next fork of that instance is to have; from then on what is begun is that fork's, until [#settle].
    synchronized Optional<InstanceId> claim(InstanceId source) {
        var found = waiting.filter(one -> one.source().equals(source));
        found.ifPresent(one -> {
            waiting = Optional.empty();
            claimed.put(one.id(), one);
        });
        return found.map(Begun::id);
    }

    /// The checkpoint that the fork is to be made of, where what was begun of it still fits its source.
    Optional<CheckpointId> checkpointFor(Node node, Request.Fork fork, Optional<RunningMachine> machine, DiskId current) {
        return claimedFor(fork).filter(one -> machine.filter(each -> each == one.machine()).isPresent()
                && node.points().tree().chain(current).equals(one.chain())).map(Begun::checkpoint);
    }

    /// The disk that waits for the fork of that id, where it goes on from that checkpoint.
    synchronized Optional<DiskRecord> diskFor(InstanceId id, CheckpointId checkpoint) {
        return Optional.ofNullable(claimed.get(id)).filter(one -> one.checkpoint().equals(checkpoint)).map(Begun::disk);
    }

    /// The fork is made, or will not be: what nobody owns goes.
    void settle(Node node, Request request) {
        if (!(request instanceof Request.Fork fork)) return;
        var one = claimedFor(fork);
        synchronized (this) {
            if (one.isEmpty() || claimed.remove(one.get().id()) == null) return;
        }
        var owner = node.registry().find(one.get().id());
        boolean used = owner.isPresent() && owner.get().record().past().disk().equals(Optional.of(one.get().disk().id()));
        if (used) letGo(node, one.get());
        else errands.begin("next-fork-given-up", () -> remove(node, one.get(), owner.isEmpty()));
    }

    /// Forks were made of it: the next one is begun.
    void begun(Node node, InstanceId source) {
        if (!node.limits().ahead()) return;
        synchronized (this) {
            if (errands.isClosed() || making || waiting.filter(one -> one.source().equals(source)).isPresent()) return;
            making = true;
        }
        errands.begin("next-fork", () -> make(node, source));
    }

    /// Whether one waits now.
    public synchronized boolean isReady() {
        return waiting.isPresent();
    }

    /// Nothing waits any more, nor ever will.
    public void close(Node node) {
        errands.close();
        end(node);
    }

    private synchronized Optional<Begun> claimedFor(Request.Fork fork) {
        return fork.ids().stream().flatMap(id -> Optional.ofNullable(claimed.get(id)).stream()).findFirst();
    }

    private void make(Node node, InstanceId source) {
        try {
            Optional<Begun> made = Optional.empty();
            try {
                end(node);
                Thread.sleep(SETTLE);
                awaitMerged(node, source);
                made = tryToBegin(node, source);
            } finally {
                synchronized (this) {
                    making = false;
                    if (!errands.isClosed()) waiting = made;
                }
            }
            if (made.isPresent()) keep(node, made.get());
        } catch (InterruptedException _) {
            // The daemon ends, and ends what waits.
        } catch (RuntimeException | Error bug) {
            if (!node.journal().isClosed()) node.log().error("fork.ahead", bug);
        }
    }

    /// Until it is claimed, or of no use any more.
    private void keep(Node node, Begun one) throws InterruptedException {
        var until = Deadline.in(WAITS_MAX);
        while (!until.isPast() && isOfUse(node, one)) {
            Thread.sleep(LOOK_EVERY);
            synchronized (this) {
                if (!waiting.equals(Optional.of(one))) return;
            }
        }
        synchronized (this) {
            if (!waiting.equals(Optional.of(one))) return;
            waiting = Optional.empty();
        }
        remove(node, one, true);
        // Its source runs on with another disk, after a snapshot or a merge: another one is begun.
        if (!until.isPast() && !one.machine().isEnded()) begun(node, one.source());
    }

    /// Nobody has asked for it yet, so that no merge need be ended for it.
    private static void awaitMerged(Node node, InstanceId source) throws InterruptedException {
        var until = Deadline.in(WAITS_MAX);
        while (!until.isPast() && isMerging(node, source)) {
            Thread.sleep(LOOK_EVERY);
        }
    }

    private static boolean isMerging(Node node, InstanceId source) {
        var time = node.tidying();
        return time.isPresent() && node.registry().find(source).flatMap(owner -> owner.record().past().disk())
                .filter(time.get()::isMerging).isPresent();
    }

    private static boolean isOfUse(Node node, Begun one) {
        var owner = node.registry().find(one.source());
        return owner.isPresent() && owner.get().machine().filter(machine -> machine == one.machine() && !machine.isEnded())
                .isPresent() && owner.get().record().past().disk().filter(disk ->
                node.points().tree().chain(disk).equals(one.chain())).isPresent();
    }

    private Optional<Begun> tryToBegin(Node node, InstanceId source) throws InterruptedException {
        var owner = node.registry().find(source).filter(each -> each.view().phase() instanceof Phase.Running);
        var machine = owner.flatMap(InstanceOwner::machine);
        if (machine.isEmpty()) return Optional.empty();
        var record = owner.get().record();
        var ahead = node.driver(record.spec().kind()).pointsInTime().filter(ForksAhead.class::isInstance);
        var current = record.past().disk().flatMap(node.points()::disk).filter(DiskRecord::made);
        if (ahead.isEmpty() || current.isEmpty() || record.past().turn().isPresent()) return Optional.empty();
        var one = new Begun(source, machine.get(), node.points().tree().chain(current.get().id()), node.newId(),
                node.points().newCheckpoint(), current.get().overlay(node.points().newDisk()));
        hold(node, one);
        boolean done = false;
        try {
            begin(node, (ForksAhead) ahead.get(), record, one);
            done = true;
            return Optional.of(one);
        } catch (IOException | Problem e) {
            if (!node.journal().isClosed()) node.log().warn("fork.not-ahead", "instance", record.spec().name(),
                    "because", e.getMessage());
            return Optional.empty();
        } finally {
            if (!done) remove(node, one, true);
        }
    }

    private static void begin(Node node, ForksAhead driver, InstanceRecord source, Begun one)
            throws IOException, InterruptedException {
        var current = one.chain().getFirst();
        try (var _ = node.time(source).share(current)) {
            var past = Past.of(one.disk().id()).goingOnFrom(Optional.of(one.checkpoint()));
            var child = new Offspring(node).copyOf(source, one.id(), new InstanceName(NAME + one.id().brief()), one.disk(),
                    past, false, true).record();
            var plugging = node.networks().machines().plugFleeting(child.id(), child.spec());
            var spec = new StartAct(node, child).spec(Progress.NONE, plugging.nics());
            node.starts().acquire();
            try {
                driver.prepare(source.id(), spec, current, Deadline.in(node.limits().briefMax()));
            } finally {
                node.starts().release();
            }
        }
    }

    /// Ends what waits.
    void end(Node node) {
        Optional<Begun> last;
        synchronized (this) {
            last = waiting;
            waiting = Optional.empty();
        }
        last.ifPresent(one -> remove(node, one, true));
    }

    /// Also where the thread is interrupted: nobody else knows of it before the next daemon.
    ///
    /// @param machineToo no instance has its id
    private static void remove(Node node, Begun one, boolean machineToo) {
        boolean interrupted = Thread.interrupted();
        try {
            var driver = node.driver(one.disk().kind());
            if (machineToo) {
                driver.ensureAbsent(one.id().brief());
                node.networks().machines().forget(one.id());
            }
            var points = node.tidying().orElseThrow().host(one.disk().kind());
            points.ensureDiskAbsent(one.disk().id());
            if (!node.points().isKept(one.checkpoint())) points.ensureCheckpointAbsent(one.checkpoint());
        } catch (IOException | Problem e) {
            node.log().warn("fork.ahead-left", "machine", one.id().brief(), "because", e.getMessage());
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            letGo(node, one);
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private static void hold(Node node, Begun one) {
        node.points().hold(one.chain().getFirst());
        node.points().hold(one.checkpoint());
    }

    private static void letGo(Node node, Begun one) {
        node.points().letGo(one.chain().getFirst());
        node.points().letGo(one.checkpoint());
        node.tidy();
    }
}
