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
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.store.Store.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        var current = desk.disk();
        var checkpoint = memory ? Optional.of(checkpointFor(task, current)) : Optional.<CheckpointId>empty();
        var turn = new Turn(node.points().newDisk(), checkpoint);
        var overlay = current.overlay(turn.disk());
        var writes = new ArrayList<Write>(List.of(PointRecords.put(overlay)));
        if (fresh) writes.add(Journal.put(task.record()));
        state.intend(state.past().turning(turn), writes);
        node.points().show(overlay);
        if (fresh) node.operations().publish(task);
        var acts = desk.acts();
        desk.enter(new Stage.Turning(task, current, overlay, turn), work -> acts.turn(work, current, turn, goOn));
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
        var seen = current.made() ? List.of(turning.overlay().seen()) : List.of(turning.overlay().seen(), current.seen());
        var writes = new ArrayList<Write>(seen.stream().map(PointRecords::put).toList());
        var tasks = List.of(turning.task());
        // Until those who need it are written down.
        node.points().hold(current.id());
        try {
            switch (turning.task().request()) {
                case Request.TakeSnapshot take -> {
                    var snapshot = snapshot(take, current.id(), turning.turn().checkpoint());
                    writes.add(PointRecords.put(snapshot));
                    node.points().show(snapshot);
                    state.happened(List.of(), standing.succeeded(tasks), standing.machine(),
                            past.at(Optional.of(take.id())), writes);
                    told(snapshot);
                }
                case Request.Suspend _ -> suspended(turning, past, writes);
                case Request.Clone clone -> {
                    state.happened(List.of(), List.of(), standing.machine(), past, writes);
                    desk.copies(node.time(state.record())).clone(turning.task(), clone, current);
                }
                case Request.Fork fork -> {
                    var copies = desk.copies(node.time(state.record()));
                    copies.raiseForks(fork, current, turning.turn().checkpoint().orElseThrow());
                    state.happened(List.of(), List.of(), standing.machine(), past, writes);
                    copies.awaitForks(turning.task(), fork);
                }
                case Request.MakePool make -> {
                    var source = state.record().with(Past.NONE).with(node.networks().machines().specNow(state.record()));
                    var pool = new PoolRecord(make.name(), source, current.id(),
                            turning.turn().checkpoint().orElseThrow(), make.ready(), 0, node.clock().instant());
                    writes.add(PointRecords.put(pool));
                    node.points().show(pool);
                    state.happened(List.of(), List.of(), standing.machine(), past, writes);
                    node.reserves().fillFor(node, turning.task(), make.name());
                }
                default -> throw new IllegalStateException("no turn was made for " + turning.task().request().word());
            }
            seen.forEach(node.points()::show);
        } finally {
            node.points().letGo(current.id());
        }
        node.tidy();
    }

    private void suspended(Stage.Turning turning, Past past, List<Write> writes) throws InterruptedException {
        var checkpoint = turning.turn().checkpoint().orElseThrow();
        state.happened(List.of(new LifeEvent.Suspend()), List.of(), standing.machine(),
                past.goingOnFrom(Optional.of(checkpoint)), writes);
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
        desk.enter(new Stage.Mending(tasks, failure, turn, found), _ -> {
            found.put(acts.mend(current, turn));
            return new Outcome.Done();
        });
    }

    void mended(Stage.Mending mending) throws InterruptedException {
        var disk = mending.found().disk().orElseThrow();
        var overlay = node.points().disk(mending.turn().disk()).filter(each -> each.id().equals(disk));
        var endings = mending.failure().map(problem -> standing.failed(mending.tasks(), problem)).orElse(List.of());
        state.happened(List.of(), endings, standing.machine(), state.past().over(disk),
                overlay.map(each -> PointRecords.put(each.seen())).stream().toList());
        overlay.ifPresent(each -> node.points().show(each.seen()));
        if (mending.failure().isEmpty()) mending.tasks().reversed().forEach(standing.waiting()::addFirst);
        node.tidy();
    }

    /// Of one whose memory is on disk: as it sleeps.
    void takeSuspended(Task task, Request.TakeSnapshot take) throws InterruptedException {
        var past = state.past();
        var snapshot = snapshot(take, desk.disk().base().orElseThrow(), take.memory() ? past.memory() : Optional.empty());
        node.points().show(snapshot);
        state.happened(List.of(), standing.succeeded(List.of(task)), Optional.empty(), past.at(Optional.of(take.id())),
                List.of(PointRecords.put(snapshot)));
        told(snapshot);
    }

    private SnapshotRecord snapshot(Request.TakeSnapshot take, DiskId disk, Optional<CheckpointId> memory) {
        return new SnapshotRecord(take.id(), state.record().id(), take.name(), state.past().position(),
                take.description(), node.clock().instant(), disk, memory, take.scheduled());
    }

    private void told(SnapshotRecord snapshot) {
        InstanceId instance = snapshot.instance();
        node.events().publish("snapshot.created", instance.value(),
                Map.of("name", snapshot.name().value(), "snapshot", snapshot.id().value()));
        node.log().info("snapshot.created", "instance", state.record().spec().name(), "snapshot", snapshot.name());
    }
}
