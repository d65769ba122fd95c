package dev.hostal.core.instance;

import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Course;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.Phase;
import dev.hostal.store.Store.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An instance goes back to one of its snapshots: the disk for it is made first, then the machine is ended, then it goes
/// on from there. For the owner's thread only.
final class Restores {
    /// A disk to go back with, made while the machine still ran that is being ended for it.
    private record Ready(Task task, DiskRecord disk) {}

    private final Standing standing;
    private final TimeDesk desk;
    private final Node node;
    private final InstanceState state;
    private Optional<Ready> ready = Optional.empty();

    Restores(Standing standing, TimeDesk desk) {
        this.standing = standing;
        this.desk = desk;
        node = standing.node();
        state = standing.state();
    }

    void begin(Task task, boolean fresh, Request.RestoreSnapshot restore) {
        var snapshot = node.points().snapshot(restore.snapshot()).orElseThrow();
        var made = ready.filter(each -> each.task.equals(task));
        if (made.isPresent()) {
            ready = Optional.empty();
            make(task, snapshot, made.get().disk);
            return;
        }
        var below = node.points().disk(snapshot.disk()).orElseThrow();
        var disk = below.overlay(node.points().newDisk());
        var writes = new ArrayList<Write>(List.of(PointRecords.put(disk)));
        if (fresh) writes.add(Journal.put(task.record()));
        node.points().hold(disk.id());
        boolean begun = false;
        try {
            node.journal().write(List.of(), writes);
            begun = true;
        } finally {
            if (!begun) node.points().letGo(disk.id());
        }
        node.points().show(disk);
        if (fresh) node.operations().publish(task);
        make(task, snapshot, disk);
    }

    private void make(Task task, SnapshotRecord snapshot, DiskRecord disk) {
        var acts = desk.acts();
        desk.enter(new Stage.Restoring(task, snapshot, disk), _ -> acts.makeDisk(disk, snapshot.memory()));
    }

    void made(Stage.Restoring restoring) throws InterruptedException {
        var snapshot = restoring.snapshot();
        var task = restoring.task();
        if (state.phase() instanceof Phase.Running || state.phase() instanceof Phase.Paused) {
            endFirst(restoring);
            return;
        }
        boolean start = ((Request.RestoreSnapshot) task.request()).start();
        var disk = restoring.disk().seen();
        var past = state.past().over(disk.id()).goingOnFrom(snapshot.memory()).at(Optional.of(snapshot.id()));
        List<LifeEvent> events = state.phase() instanceof Phase.Suspended && snapshot.memory().isEmpty()
                ? List.of(new LifeEvent.Ended(ExitStatus.KILLED)) : List.of();
        state.happened(events, start ? List.of() : standing.succeeded(List.of(task)), Optional.empty(), past,
                List.of(PointRecords.put(disk)));
        node.points().show(disk);
        node.points().letGo(disk.id());
        node.events().publish("snapshot.restored", state.record().id().value(),
                Map.of("name", snapshot.name().value(), "snapshot", snapshot.id().value()));
        node.tidy();
        if (!start) return;
        try {
            state.intend(new LifeEvent.Start(), Optional.of(task.id()), List.of(),
                    Course.NEW);
            standing.start(List.of(task));
        } catch (Problem problem) {
            standing.end(standing.failed(List.of(task), problem));
        }
    }

    /// The task waits for the end of the machine, and goes on then.
    private void endFirst(Stage.Restoring restoring) throws InterruptedException {
        ready = Optional.of(new Ready(restoring.task(), restoring.disk()));
        try {
            state.intend(new LifeEvent.Stop(), Optional.of(restoring.task().id()), List.of(), state.record().course().ended());
            standing.stop(List.of(restoring.task()), Standing.endingOf(restoring.task().request()));
        } catch (Problem problem) {
            standing.end(standing.failed(List.of(restoring.task()), problem));
        }
    }

    /// The task has failed: what it was to go back with goes.
    void letGo(Task task) {
        ready.filter(each -> each.task.equals(task)).ifPresent(each -> {
            ready = Optional.empty();
            node.points().letGo(each.disk.id());
            node.tidy();
        });
    }
}
