package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Journal.Kept;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.operation.OperationTable.Ending;
import dev.hostal.model.Course;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Phase;
import dev.hostal.store.Store.Compare;
import dev.hostal.store.Store.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The record of one instance and the picture of it that everyone sees: on disk first, then shown. Written by
/// its owner only; any thread may look and wait.
final class InstanceState {
    /// Chosen: fewer than a transaction of the store holds.
    private static final int SNAPSHOTS_AT_ONCE = 100;

    private final Node node;
    /// Written by the owner, read by any thread.
    private volatile InstanceRecord record;
    private long revision;
    private boolean outOfMemory;
    /// These four are guarded by this object's monitor.
    private Instance view;
    private Optional<ExitStatus> exit;
    private boolean gone;
    private boolean closed;

    InstanceState(Node node, Kept<InstanceRecord> kept) {
        this.node = node;
        this.record = kept.record();
        this.revision = kept.revision();
        this.view = viewOf(record, List.of(), Optional.empty());
        this.exit = exitOf(record.phase());
        node.points().show(record.id(), record.past(), mayBeAlive(record.phase()), node.volumes().disks().of(record.spec()));
    }

    InstanceRecord record() {
        return record;
    }

    Past past() {
        return record.past();
    }

    Phase phase() {
        return record.phase();
    }

    synchronized Instance view() {
        return view;
    }

    synchronized boolean isGone() {
        return gone;
    }

    /// Journals what is meant to be done next.
    ///
    /// @param driver id of the operation that it is done for
    /// @throws Problem it is not journalled, and must not be done
    void intend(LifeEvent event, Optional<String> driver, List<Write> more, Course course) {
        var next = record.in(Transitions.next(record.phase(), event), driver).with(course);
        var writes = new ArrayList<>(more);
        writes.add(Journal.put(next));
        revision = node.journal().write(unchanged(), writes);
        show(next, List.of(event), Optional.empty());
    }

    /// Journals a change of its disk that is meant to be done next.
    ///
    /// @throws Problem it is not journalled, and must not be done
    void intend(Past past, List<Write> more) {
        var next = record.with(past);
        var writes = new ArrayList<>(more);
        writes.add(Journal.put(next));
        revision = node.journal().write(unchanged(), writes);
        show(next, List.of(), Optional.empty());
    }

    /// Journals what has happened, and the end of the operations that it ends.
    void happened(List<LifeEvent> events, List<Ending> endings, Optional<RunningMachine> machine)
            throws InterruptedException {
        happened(events, endings, machine, record.past(), List.of());
    }

    /// Journals what has happened, and where the instance comes from since.
    ///
    /// @param more what else is to be written with it
    void happened(List<LifeEvent> events, List<Ending> endings, Optional<RunningMachine> machine, Past past,
            List<Write> more) throws InterruptedException {
        happened(events, endings, machine, past, more, () -> {});
    }

    /// The same.
    ///
    /// @param shown makes others see what was written, before anybody is told that the operations have ended
    void happened(List<LifeEvent> events, List<Ending> endings, Optional<RunningMachine> machine, Past past,
            List<Write> more, Runnable shown) throws InterruptedException {
        var next = record.with(past);
        for (var event : events) {
            next = next.in(Transitions.next(next.phase(), event), Optional.empty());
            switch (event) {
                case LifeEvent.Up _ -> next = next.startedAt(node.clock().instant()).with(next.past().begun());
                case LifeEvent.Ended _, LifeEvent.Vanished _ -> next = next.finishedAt(node.clock().instant());
                case LifeEvent.Start _, LifeEvent.StartFailed _, LifeEvent.StartGivenUp _, LifeEvent.Pause _,
                     LifeEvent.Resume _, LifeEvent.Suspend _, LifeEvent.Stop _, LifeEvent.StopFailed _, LifeEvent.Delete _,
                     LifeEvent.DeleteFailed _ -> { /* Change the phase only. */ }
            }
        }
        next = next.with(courseAfter(next, events));
        var writes = writesOf(endings);
        writes.addAll(more);
        writes.add(Journal.put(next));
        revision = node.journal().writeForSure(unchanged(), writes);
        outOfMemory = false;
        show(next, events, machine);
        shown.run();
        endings.forEach(node.operations()::end);
    }

    /// Of the run that is about to be over.
    void noteOutOfMemory(boolean met) {
        outOfMemory = met;
    }

    /// Journals another course, and what else is to be written with it.
    ///
    /// @throws Problem it is not journalled
    void note(Course course, List<Write> more) {
        var next = record.with(course);
        var writes = new ArrayList<>(more);
        writes.add(Journal.put(next));
        revision = node.journal().write(unchanged(), writes);
        show(next, List.of(), Optional.empty());
    }

    /// Journals another spec under the same name.
    ///
    /// @throws Problem it is not journalled
    void respec(InstanceSpec spec) {
        var next = record.with(spec);
        revision = node.journal().write(unchanged(), List.of(Journal.put(next)));
        show(next, List.of(), Optional.empty());
        node.events().publish("instance.updated", record.id().value(), Map.of("name", spec.name().value()));
        node.log().info("instance.updated", "instance", spec.name());
    }

    private Course courseAfter(InstanceRecord next, List<LifeEvent> events) {
        var course = next.course();
        var policy = next.spec().care().restartPolicy();
        var now = node.clock().instant();
        var ran = Duration.between(next.startedAt().orElse(now), now);
        for (var event : events) {
            course = switch (event) {
                case LifeEvent.Ended(var exit) ->
                        Restarts.after(policy, course.endedBy(outOfMemory), exit.code() != 0, ran, now);
                case LifeEvent.Vanished _ -> Restarts.after(policy, course.endedBy(outOfMemory), true, ran, now);
                // Who starts it and fails is told so; a policy goes on trying.
                case LifeEvent.StartFailed _ when next.course().restarts() > 0 ->
                        Restarts.after(policy, course, true, Duration.ZERO, now);
                case LifeEvent.StartGivenUp _ -> course.ended();
                case LifeEvent.Start _, LifeEvent.Up _, LifeEvent.StartFailed _, LifeEvent.Pause _, LifeEvent.Resume _,
                     LifeEvent.Suspend _, LifeEvent.Stop _, LifeEvent.StopFailed _, LifeEvent.Delete _,
                     LifeEvent.DeleteFailed _ -> course;
            };
        }
        return course;
    }

    /// Journals that the instance is no more, and shows it no longer.
    void vanish(List<Ending> endings) throws InterruptedException {
        forgetSnapshots();
        var writes = writesOf(endings);
        writes.add(PointRecords.deleteSchedule(record.id()));
        writes.add(Journal.delete(record.id()));
        writes.add(Journal.delete(record.spec().name()));
        writes.addAll(node.networks().machines().deletion(record.id()));
        node.journal().writeForSure(unchanged(), writes);
        node.nextRun().settled(node, record.id());
        node.networks().machines().forget(record.id());
        synchronized (this) {
            gone = true;
            notifyAll();
        }
        node.points().forget(record.id());
        node.tidy();
        node.events().publish("instance.deleted", record.id().value(),
                Map.of("name", record.spec().name().value()));
        node.log().info("instance.deleted", "instance", record.spec().name(), "id", record.id().brief());
        endings.forEach(node.operations()::end);
    }

    /// @throws Problem it is not journalled, and keeps its name
    void rename(InstanceSpec renamed) {
        // Whoever names one that waited in a pool has taken it.
        var next = record.with(renamed).with(record.past().in(Optional.empty()));
        var compares = new ArrayList<>(unchanged());
        compares.add(Journal.absent(renamed.name()));
        var before = record.spec().name();
        revision = node.journal().write(compares, List.of(Journal.put(next), Journal.delete(before),
                Journal.put(renamed.name(), record.id())));
        show(next, List.of(), Optional.empty());
        node.events().publish("instance.renamed", record.id().value(),
                Map.of("name", renamed.name().value(), "before", before.value()));
        node.log().info("instance.renamed", "instance", renamed.name(), "before", before);
    }

    /// Shows a running machine as it is seen now; nothing of it is journalled.
    synchronized void observe(RunningMachine machine) {
        view = viewOf(record, machine.addresses(), Optional.of(machine.machine().accelerator()));
    }

    /// Waits until no machine runs for it and none is to.
    ///
    /// @return how its program ended; empty where the deadline came first
    synchronized Optional<ExitStatus> waitForExit(Deadline deadline) throws InterruptedException {
        while (!gone && !hasEnded()) {
            long millis = deadline.millisLeft();
            if (millis == 0 || closed) return Optional.empty();
            wait(millis);
        }
        return Optional.of(exit.orElse(ExitStatus.KILLED));
    }

    /// Waits until it is on its way up no longer.
    ///
    /// @return the phase then, or now where the deadline came first; empty where it is gone
    synchronized Optional<Phase> awaitStarted(Deadline deadline) throws InterruptedException {
        while (!gone && !closed && view.phase() instanceof Phase.Starting && !deadline.isPast()) {
            wait(Math.max(1, deadline.millisLeft()));
        }
        if (closed) throw new InterruptedException("the daemon ends");
        return gone ? Optional.empty() : Optional.of(view.phase());
    }

    /// Nobody needs to wait any more: the daemon ends.
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private boolean hasEnded() {
        return switch (view.phase()) {
            // One that has never run may still be started.
            case Phase.Stopped(var status) -> status.isPresent() && view.course().due().isEmpty();
            case Phase.Failed _ -> view.course().due().isEmpty();
            case Phase.Starting _, Phase.Running _, Phase.Paused _, Phase.Suspended _, Phase.Stopping _,
                 Phase.Deleting _ -> false;
        };
    }

    /// A transaction holds so many writes and no more.
    private void forgetSnapshots() throws InterruptedException {
        var ids = node.points().snapshots(record.id()).stream().map(SnapshotRecord::id).toList();
        for (int from = 0; from < ids.size(); from += SNAPSHOTS_AT_ONCE) {
            var piece = ids.subList(from, Math.min(ids.size(), from + SNAPSHOTS_AT_ONCE));
            node.journal().writeForSure(List.of(), piece.stream().map(PointRecords::delete).toList());
            piece.forEach(node.points()::forget);
        }
    }

    private void show(InstanceRecord next, List<LifeEvent> events, Optional<RunningMachine> machine) {
        var before = record.phase();
        record = next;
        node.points().show(next.id(), next.past(), mayBeAlive(next.phase()), node.volumes().disks().of(next.spec()));
        synchronized (this) {
            boolean alive = isAlive(next.phase());
            view = viewOf(next, alive ? machine.map(RunningMachine::addresses).orElse(view.addresses()) : List.of(),
                    alive ? machine.map(each -> each.machine().accelerator()).or(view::accelerator) : Optional.empty());
            for (var event : events) {
                if (event instanceof LifeEvent.Ended(var status)) exit = Optional.of(status);
                if (event instanceof LifeEvent.Start) exit = Optional.empty();
            }
            notifyAll();
        }
        for (var event : events) {
            var after = Transitions.next(before, event);
            tell(before, after, event);
            before = after;
        }
    }

    private void tell(Phase before, Phase after, LifeEvent event) {
        var attributes = new HashMap<String, String>();
        attributes.put("name", record.spec().name().value());
        attributes.put("from", before.word());
        attributes.put("to", after.word());
        attributes.put("because", event.word());
        exitOf(after).ifPresent(status -> attributes.put("exitStatus", Integer.toString(status.code())));
        if (after instanceof Phase.Failed(var reason)) attributes.put("reason", reason);
        node.events().publish("instance.phase", record.id().value(), attributes);
        node.log().info("instance.phase", "instance", record.spec().name(), "id", record.id().brief(), "from",
                before.word(), "to", after.word(), "because", event.detail().map(more -> event.word() + ": " + more)
                        .orElse(event.word()));
    }

    private List<Compare> unchanged() {
        return List.of(Journal.unchanged(record.id(), revision));
    }

    private static ArrayList<Write> writesOf(List<Ending> endings) {
        var writes = new ArrayList<Write>();
        endings.forEach(ending -> writes.addAll(ending.writes()));
        return writes;
    }

    private static boolean isAlive(Phase phase) {
        return phase instanceof Phase.Running || phase instanceof Phase.Paused || phase instanceof Phase.Stopping;
    }

    private static boolean mayBeAlive(Phase phase) {
        return isAlive(phase) || phase instanceof Phase.Starting || phase instanceof Phase.Deleting;
    }

    private static Optional<ExitStatus> exitOf(Phase phase) {
        return phase instanceof Phase.Stopped(var status) ? status : Optional.empty();
    }

    private static Instance viewOf(InstanceRecord record, List<String> addresses, Optional<String> accelerator) {
        return new Instance(record.id(), record.spec(), record.arch(), record.imageDigest(), record.phase(),
                record.createdAt(), record.startedAt(), record.finishedAt(), addresses, accelerator,
                record.past().origin(), record.course());
    }
}
