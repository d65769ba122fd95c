package dev.hostal.core.instance;

import dev.hostal.base.Problem;
import dev.hostal.core.instance.Stage.Fresh;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.HeadRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Course;
import dev.hostal.model.DiskId;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.Phase;
import dev.hostal.model.VolumeId;
import dev.hostal.store.Store.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An instance goes back to one of its snapshots, with its volumes where those are part of it: the disks for it are made
/// first, then the machine is ended, then it goes on from there. For the owner's thread only.
final class Restores {
    /// Disks to go back with, made while the machine still ran that is being ended for it.
    private record Ready(Task task, Fresh disks) {}

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
            make(task, snapshot, made.get().disks);
            return;
        }
        node.volumes().disks().take(task.id(), state.record().id(), snapshot.volumes().keySet());
        boolean begun = false;
        try {
            var disks = begun(task, fresh, snapshot);
            begun = true;
            make(task, snapshot, disks);
        } finally {
            if (!begun) node.volumes().disks().letGo(task.id());
        }
    }

    private Fresh begun(Task task, boolean fresh, SnapshotRecord snapshot) {
        var volumes = new HashMap<VolumeId, DiskRecord>();
        snapshot.volumes().forEach((volume, disk) -> volumes.put(volume, over(disk)));
        var disks = new Fresh(over(snapshot.disk()), volumes);
        var writes = new ArrayList<Write>(disks.all().stream().map(PointRecords::put).toList());
        if (fresh) writes.add(Journal.put(task.record()));
        disks.all().forEach(disk -> node.points().hold(disk.id()));
        boolean begun = false;
        try {
            node.journal().write(List.of(), writes);
            begun = true;
        } finally {
            if (!begun) letGo(disks);
        }
        disks.all().forEach(node.points()::show);
        if (fresh) node.operations().publish(task);
        return disks;
    }

    private DiskRecord over(DiskId disk) {
        return node.points().disk(disk).orElseThrow().overlay(node.points().newDisk());
    }

    private void make(Task task, SnapshotRecord snapshot, Fresh disks) {
        var acts = desk.acts();
        desk.enter(new Stage.Restoring(task, snapshot, disks),
                work -> acts.makeDisks(work, disks.all(), snapshot.memory()));
    }

    void made(Stage.Restoring restoring) throws InterruptedException {
        var snapshot = restoring.snapshot();
        var task = restoring.task();
        if (state.phase() instanceof Phase.Running || state.phase() instanceof Phase.Paused) {
            endFirst(restoring);
            return;
        }
        boolean start = ((Request.RestoreSnapshot) task.request()).start();
        var disks = restoring.disks();
        var past = state.past().over(disks.own().id()).goingOnFrom(snapshot.memory()).at(Optional.of(snapshot.id()));
        List<LifeEvent> events = state.phase() instanceof Phase.Suspended && snapshot.memory().isEmpty()
                ? List.of(new LifeEvent.Ended(ExitStatus.KILLED)) : List.of();
        state.happened(events, start ? List.of() : standing.succeeded(List.of(task)), Optional.empty(), past,
                writesOf(disks), () -> {
                    disks.volumes().forEach((volume, disk) -> node.points().show(new HeadRecord(volume, disk.id())));
                    disks.all().forEach(disk -> node.points().show(disk.seen()));
                    node.volumes().disks().letGo(task.id());
                });
        letGo(disks);
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

    private static List<Write> writesOf(Fresh disks) {
        var writes = new ArrayList<Write>();
        disks.all().forEach(disk -> writes.add(PointRecords.put(disk.seen())));
        disks.volumes().forEach((volume, disk) -> writes.add(PointRecords.put(new HeadRecord(volume, disk.id()))));
        return writes;
    }

    /// The task waits for the end of the machine, and goes on then.
    private void endFirst(Stage.Restoring restoring) throws InterruptedException {
        ready = Optional.of(new Ready(restoring.task(), restoring.disks()));
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
            letGo(each.disks);
            node.tidy();
        });
    }

    void letGo(Fresh disks) {
        disks.all().forEach(disk -> node.points().letGo(disk.id()));
    }
}
