package dev.hostal.core.instance;

import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.Past.Turn;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.PoolRecord;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.operation.Task;
import dev.hostal.core.volume.VolumeDisks.Mounted;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.VolumeId;
import dev.hostal.store.Store.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Turns of an instance's disk: from an instant on it writes to another one, and what it has written until then is kept
/// for a snapshot, a copy or its own sleep. For the owner's thread only.
final class Turns {
    private final Standing standing;
    private final TimeDesk desk;
    private final Node node;
    private final InstanceState state;

    Turns(Standing standing, TimeDesk desk) {
        this.standing = standing;
        this.desk = desk;
        node = standing.node();
        state = standing.state();
    }

    /// @param goOn the machine runs on; otherwise it is ended
    void begin(Task task, boolean fresh, boolean memory, boolean goOn) {
        var mounted = task.request() instanceof Request.TakeSnapshot take && take.volumes()
                ? node.volumes().disks().mounted(state.record().spec()) : List.<Mounted>of();
        node.volumes().disks().take(task.id(), state.record().id(), mounted.stream().map(each -> each.volume().id()).toList());
        boolean begun = false;
        try {
            begin(task, fresh, memory, goOn, VolumeTurn.begin(node, mounted));
            begun = true;
        } finally {
            if (!begun) node.volumes().disks().letGo(task.id());
        }
    }

    private void begin(Task task, boolean fresh, boolean memory, boolean goOn, List<VolumeTurn> volumes) {
        var current = desk.disk();
        var checkpoint = memory ? Optional.of(checkpointFor(task, current)) : Optional.<CheckpointId>empty();
        var turn = new Turn(node.points().newDisk(), checkpoint, VolumeTurn.overlays(volumes));
        var overlay = current.overlay(turn.disk());
        var writes = new ArrayList<Write>(List.of(PointRecords.put(overlay)));
        volumes.forEach(volume -> writes.add(PointRecords.put(volume.overlay())));
        var first = volumes.stream().filter(volume -> volume.isFirst(node)).toList();
        first.forEach(volume -> writes.addAll(List.of(PointRecords.put(volume.current()), PointRecords.put(volume.before()))));
        if (fresh) writes.add(Journal.put(task.record()));
        state.intend(state.past().turning(turn), writes);
        first.forEach(volume -> {
            node.points().show(volume.before());
            node.points().show(volume.current());
        });
        volumes.forEach(volume -> node.points().show(volume.overlay()));
        node.points().show(overlay);
        if (fresh) node.operations().publish(task);
        var acts = desk.acts();
        desk.enter(new Stage.Turning(task, current, overlay, turn, volumes),
                work -> acts.turn(work, current, turn, volumes, goOn));
    }

    private CheckpointId checkpointFor(Task task, DiskRecord current) {
        var ahead = task.request() instanceof Request.Fork fork
                ? node.nextFork().checkpointFor(node, fork, standing.machine(), current.id()) : Optional.<CheckpointId>empty();
        return ahead.orElseGet(node.points()::newCheckpoint);
    }

    void made(Stage.Turning turning) throws InterruptedException {
        var past = state.past().over(turning.turn().disk());
        // As it is now: disks under it may have been merged since the turn began, and what is told of it must say so.
        var current = node.points().disk(turning.current().id()).orElseThrow();
        var seen = new ArrayList<DiskRecord>(List.of(turning.overlay().seen()));
        if (!current.made()) seen.add(current.seen());
        seen.addAll(seenOf(turning.volumes(), _ -> true));
        var heads = turning.volumes().stream().map(VolumeTurn::after).toList();
        var writes = new ArrayList<Write>(seen.stream().map(PointRecords::put).toList());
        var tasks = List.of(turning.task());
        heads.forEach(head -> writes.add(PointRecords.put(head)));
        Runnable shown = () -> {
            heads.forEach(node.points()::show);
            seen.forEach(node.points()::show);
            node.volumes().disks().letGo(turning.task().id());
        };
        // Until those who need them are written down.
        node.points().hold(current.id());
        turning.volumes().forEach(this::hold);
        try {
            switch (turning.task().request()) {
                case Request.TakeSnapshot take -> {
                    var snapshot = snapshot(take, current.id(), turning.turn().checkpoint(),
                            VolumeTurn.currents(turning.volumes()));
                    writes.add(PointRecords.put(snapshot));
                    node.points().show(snapshot);
                    state.happened(List.of(), standing.succeeded(tasks), standing.machine(),
                            past.at(Optional.of(take.id())), writes, shown);
                    told(snapshot);
                }
                case Request.Suspend _ -> suspended(turning, past, writes, shown);
                case Request.Clone clone -> {
                    state.happened(List.of(), List.of(), standing.machine(), past, writes, shown);
                    desk.copies(node.time(state.record())).clone(turning.task(), clone, current);
                }
                case Request.Fork fork -> {
                    var copies = desk.copies(node.time(state.record()));
                    copies.raiseForks(fork, current, turning.turn().checkpoint().orElseThrow());
                    state.happened(List.of(), List.of(), standing.machine(), past, writes, shown);
                    copies.awaitForks(turning.task(), fork);
                }
                case Request.MakePool make -> {
                    var source = state.record().with(Past.NONE).with(node.networks().machines().specNow(state.record()));
                    var pool = new PoolRecord(make.name(), source, current.id(),
                            turning.turn().checkpoint().orElseThrow(), make.ready(), 0, node.clock().instant());
                    writes.add(PointRecords.put(pool));
                    node.points().show(pool);
                    state.happened(List.of(), List.of(), standing.machine(), past, writes, shown);
                    node.reserves().fillFor(node, turning.task(), make.name());
                }
                default -> throw new IllegalStateException("no turn was made for " + turning.task().request().word());
            }
        } finally {
            node.points().letGo(current.id());
            turning.volumes().forEach(this::letGo);
            node.volumes().disks().letGo(turning.task().id());
        }
        node.tidy();
    }

    private void hold(VolumeTurn volume) {
        node.points().hold(volume.current().id());
        node.points().hold(volume.overlay().id());
    }

    private void letGo(VolumeTurn volume) {
        node.points().letGo(volume.current().id());
        node.points().letGo(volume.overlay().id());
    }

    /// Records of disks that are on the host for sure now.
    private List<DiskRecord> seenOf(List<VolumeTurn> volumes, Predicate<DiskId> isTurned) {
        var seen = new ArrayList<DiskRecord>();
        for (var volume : volumes) {
            node.points().disk(volume.current().id()).filter(each -> !each.made()).ifPresent(each -> seen.add(each.seen()));
            if (isTurned.test(volume.overlay().id())) seen.add(volume.overlay().seen());
        }
        return seen;
    }

    private void suspended(Stage.Turning turning, Past past, List<Write> writes, Runnable shown)
            throws InterruptedException {
        var checkpoint = turning.turn().checkpoint().orElseThrow();
        state.happened(List.of(new LifeEvent.Suspend()), List.of(), standing.machine(),
                past.goingOnFrom(Optional.of(checkpoint)), writes, shown);
        var acts = desk.acts();
        var ending = standing.acts();
        standing.attachments().failAll("The instance was suspended.");
        desk.enter(new Stage.Suspending(turning.task()), work -> acts.end(work, checkpoint, ending));
    }

    /// Finds out what became of a turn that was not seen to end.
    void mend(List<Task> tasks, Optional<Problem> failure) {
        var turn = state.past().turn().orElseThrow();
        var current = desk.disk();
        var found = new Stage.Found();
        var acts = desk.acts();
        var volumes = VolumeTurn.of(node, state.record(), turn);
        desk.enter(new Stage.Mending(tasks, failure, turn, volumes, found), _ -> {
            found.put(acts.mend(current, turn, volumes));
            return new Outcome.Done();
        });
    }

    void mended(Stage.Mending mending) throws InterruptedException {
        var found = mending.found();
        var seen = new ArrayList<DiskRecord>();
        node.points().disk(mending.turn().disk()).filter(each -> found.isWrittenTo(each.id()))
                .ifPresent(each -> seen.add(each.seen()));
        seen.addAll(seenOf(mending.volumes(), found::isWrittenTo));
        var heads = mending.volumes().stream().filter(volume -> found.isWrittenTo(volume.overlay().id()))
                .map(VolumeTurn::after).toList();
        var endings = mending.failure().map(problem -> standing.failed(mending.tasks(), problem)).orElse(List.of());
        var writes = new ArrayList<Write>(seen.stream().map(PointRecords::put).toList());
        heads.forEach(head -> writes.add(PointRecords.put(head)));
        var own = found.isWrittenTo(mending.turn().disk()) ? mending.turn().disk() : desk.disk().id();
        mending.volumes().forEach(this::hold);
        state.happened(List.of(), endings, standing.machine(), state.past().over(own), writes, () -> {
            heads.forEach(node.points()::show);
            seen.forEach(node.points()::show);
        });
        mending.volumes().forEach(this::letGo);
        if (mending.failure().isEmpty()) mending.tasks().reversed().forEach(standing.waiting()::addFirst);
        node.tidy();
    }

    /// Of one whose memory is on disk: as it sleeps.
    void takeSuspended(Task task, Request.TakeSnapshot take) throws InterruptedException {
        var past = state.past();
        var snapshot = snapshot(take, desk.disk().base().orElseThrow(), take.memory() ? past.memory() : Optional.empty(),
                Map.of());
        node.points().show(snapshot);
        state.happened(List.of(), standing.succeeded(List.of(task)), Optional.empty(), past.at(Optional.of(take.id())),
                List.of(PointRecords.put(snapshot)));
        told(snapshot);
    }

    private SnapshotRecord snapshot(Request.TakeSnapshot take, DiskId disk, Optional<CheckpointId> memory,
            Map<VolumeId, DiskId> volumes) {
        return new SnapshotRecord(take.id(), state.record().id(), take.name(), state.past().position(),
                take.description(), node.clock().instant(), disk, memory, take.scheduled(), volumes);
    }

    private void told(SnapshotRecord snapshot) {
        InstanceId instance = snapshot.instance();
        node.events().publish("snapshot.created", instance.value(),
                Map.of("name", snapshot.name().value(), "snapshot", snapshot.id().value()));
        node.log().info("snapshot.created", "instance", state.record().spec().name(), "snapshot", snapshot.name());
    }
}
