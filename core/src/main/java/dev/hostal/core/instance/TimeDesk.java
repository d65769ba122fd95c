package dev.hostal.core.instance;

import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.operation.Task;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.Phase;
import dev.hostal.model.SnapshotId;
import dev.hostal.store.Store.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// An instance's points in time, from the beginning of each request's work to what its outcome means: who may ask for
/// what say [TimeRules], [Turns] keep points, [Restores] go back to them. A turn of the disk is journalled before it is
/// made; whatever becomes of it, it is mended before anything else. For the owner's thread only.
final class TimeDesk {
    private final Standing standing;
    private final Node node;
    private final InstanceState state;
    private final TimeRules rules;
    private final Turns turns;
    private final Restores restores;
    private Optional<Stage> stage = Optional.empty();

    TimeDesk(Standing standing) {
        this.standing = standing;
        node = standing.node();
        state = standing.state();
        rules = new TimeRules(node, state);
        turns = new Turns(standing, this);
        restores = new Restores(standing, this);
    }

    /// Does what that stage is; its outcome is settled here.
    void enter(Stage begun, Work.Act act) {
        stage = Optional.of(begun);
        standing.begin(Activity.TIME, begun.tasks(), act);
    }

    /// Whether a request that is no matter of time, or begins with the end of the machine, is possible.
    ///
    /// @throws Problem IN_USE: linked clones need the instance; SNAPSHOT_NOT_FOUND
    void check(Request request) {
        switch (request) {
            case Request.Delete _ -> rules.requireNoClones(Optional.empty());
            case Request.RestoreSnapshot restore -> {
                node.time(state.record());
                rules.check(restore);
            }
            default -> { /* Nothing of time to be wrong. */ }
        }
    }

    /// @param fresh the operation is not journalled yet
    /// @throws Problem nothing was begun
    void begin(Task task, boolean fresh) {
        var request = (Request.OfInstance) task.request();
        var time = node.time(state.record());
        boolean alive = state.phase() instanceof Phase.Running || state.phase() instanceof Phase.Paused;
        if (alive && standing.machine().isEmpty() && !(request instanceof Request.RestoreSnapshot)) throw standing.refusal(request.word(), "cannot be reached now");
        if (!isDone(request, fresh)) rules.check(request);
        adopt();
        if (state.past().turn().isPresent()) {
            mendFirst(task, fresh);
            return;
        }
        if (isDone(request, fresh)) {
            accept(task, fresh);
            standing.inline(task, () -> finish(task));
            return;
        }
        switch (request) {
            case Request.TakeSnapshot take when state.phase() instanceof Phase.Suspended -> {
                accept(task, fresh);
                standing.inline(task, () -> turns.takeSuspended(task, take));
            }
            case Request.TakeSnapshot take -> turns.begin(task, fresh, take.memory(), true);
            case Request.Suspend _ -> turns.begin(task, fresh, true, false);
            case Request.Fork _, Request.MakePool _ -> turns.begin(task, fresh, true, true);
            case Request.Clone clone when clone.snapshot().isPresent() || state.phase() instanceof Phase.Suspended -> {
                accept(task, fresh);
                standing.inline(task, () -> copies(time).clone(task, clone, frozenFor(clone)));
            }
            case Request.Clone _ -> turns.begin(task, fresh, false, true);
            case Request.RestoreSnapshot restore -> restores.begin(task, fresh, restore);
            case Request.DeleteSnapshot(var snapshot) -> {
                accept(task, fresh);
                standing.inline(task, () -> deleteSnapshot(task, time, snapshot));
            }
            case Request.Flatten _ -> {
                accept(task, fresh);
                standing.inline(task, () -> copies(time).flatten(task));
            }
            case Request.Kill _ -> {
                accept(task, fresh);
                standing.inline(task, () -> dropMemory(task));
            }
            case Request.Start _, Request.Stop _, Request.Restart _, Request.Pause _, Request.Resume _,
                 Request.Delete _ -> throw new IllegalStateException(request.word() + " is no matter of time");
        }
    }

    /// One without a disk that points in time can be kept of gets one: it is made of what it has written so far.
    private void adopt() {
        if (state.past().disk().isPresent()) return;
        var spec = state.record().spec();
        var disk = DiskRecord.first(node.points().newDisk(), spec.kind(), spec.diskSize());
        state.intend(state.past().over(disk.id()), List.of(PointRecords.put(disk)));
        node.points().show(disk);
    }

    /// Whether an unfinished turn can be looked after now.
    boolean canMend() {
        return switch (state.phase()) {
            case Phase.Stopped _, Phase.Failed _, Phase.Suspended _ -> true;
            case Phase.Running _, Phase.Paused _ -> standing.machine().isPresent();
            case Phase.Starting _, Phase.Stopping _, Phase.Deleting _ -> false;
        };
    }

    /// Looks after a turn that an earlier daemon has begun.
    void mend() {
        turns.mend(List.of(), Optional.empty());
    }

    /// The task goes on when the disk is known.
    void mendFirst(Task task, boolean fresh) {
        accept(task, fresh);
        turns.mend(List.of(task), Optional.empty());
    }

    void settle(Work done, Outcome outcome) throws InterruptedException {
        var ended = stage.orElseThrow();
        stage = Optional.empty();
        switch (outcome) {
            case Outcome.Done _ -> {
                switch (ended) {
                    case Stage.Turning turning -> turns.made(turning);
                    case Stage.Mending mending -> turns.mended(mending);
                    case Stage.Restoring restoring -> restores.made(restoring);
                    case Stage.Suspending(var task) -> {
                        standing.letGo();
                        standing.end(standing.succeeded(List.of(task)));
                    }
                }
            }
            case Outcome.Failed(var problem) -> failed(ended, problem);
            case Outcome.GivenUp _ -> { /* The daemon ends. */ }
            case Outcome.Up _, Outcome.Adopted _, Outcome.Gone _, Outcome.Leftover _, Outcome.Unreachable _ ->
                    throw new IllegalStateException("%s does not end with %s".formatted(done.activity(), outcome));
        }
    }

    private void failed(Stage ended, Problem problem) throws InterruptedException {
        switch (ended) {
            case Stage.Turning turning -> turns.mend(turning.tasks(), Optional.of(problem));
            case Stage.Mending mending -> {
                var why = mending.failure().orElse(problem);
                node.log().warn("instance.unmended", "instance", state.record().spec().name(), "because", problem.getMessage());
                standing.end(standing.failed(mending.tasks(), why));
            }
            case Stage.Restoring restoring -> {
                restores.letGo(restoring.disks());
                standing.end(standing.failed(restoring.tasks(), problem));
                node.tidy();
            }
            case Stage.Suspending(var task) -> {
                standing.letGo();
                standing.end(standing.failed(List.of(task), problem));
            }
        }
    }

    /// The task has failed: what it was to go back with goes.
    void letGo(Task task) {
        node.volumes().disks().letGo(task.id());
        restores.letGo(task);
    }

    // ---- snapshots

    private void deleteSnapshot(Task task, Tidying time, SnapshotId id) throws InterruptedException {
        var snapshot = node.points().snapshot(id);
        if (snapshot.isPresent()) {
            var record = snapshot.get();
            var writes = new ArrayList<Write>(List.of(PointRecords.delete(id)));
            var children = node.points().snapshots(record.instance()).stream()
                    .filter(each -> each.parent().equals(Optional.of(id))).map(each -> each.after(record.parent())).toList();
            children.forEach(child -> writes.add(PointRecords.put(child)));
            var past = state.past();
            if (past.position().equals(Optional.of(id))) past = past.at(record.parent());
            state.happened(List.of(), List.of(), standing.machine(), past, writes);
            children.forEach(node.points()::show);
            node.points().forget(id);
            node.events().publish("snapshot.deleted", record.instance().value(),
                    Map.of("name", record.name().value(), "snapshot", id.value()));
        }
        var disks = Stream.concat(Stream.of(disk().id()), snapshot.stream().flatMap(each -> each.volumes().keySet().stream())
                .flatMap(volume -> node.points().head(volume).stream())).toList();
        boolean lazy = snapshot.filter(SnapshotRecord::scheduled).isPresent();
        node.errands().begin("snapshot-delete-" + state.record().spec().name(), task, () -> {
            if (lazy) node.tidy();
            else for (var disk : disks) time.giveBack(disk, task);
            node.errands().succeed(task);
        }, () -> {});
    }

    private void dropMemory(Task task) throws InterruptedException {
        // A start that failed may have taken it away.
        var disk = disk().unseen();
        state.happened(List.of(new LifeEvent.Ended(ExitStatus.KILLED)), standing.succeeded(List.of(task)),
                Optional.empty(), state.past().goingOnFrom(Optional.empty()), List.of(PointRecords.put(disk)));
        node.points().show(disk);
        node.tidy();
    }

    // ---- what an earlier daemon has done, but not ended

    private boolean isDone(Request.OfInstance request, boolean isFresh) {
        return switch (request) {
            case Request.TakeSnapshot take -> node.points().snapshot(take.id()).isPresent();
            case Request.Clone clone -> node.registry().find(clone.id()).isPresent();
            case Request.Fork fork -> fork.ids().stream().allMatch(id -> node.registry().find(id).isPresent());
            case Request.MakePool make -> node.points().pool(make.name())
                    .filter(pool -> pool.source().equals(state.record().id())).isPresent() && !isFresh;
            default -> false;
        };
    }

    private void finish(Task task) throws InterruptedException {
        if (task.request() instanceof Request.Fork fork) copies(node.time(state.record())).awaitForks(task, fork);
        else if (task.request() instanceof Request.MakePool make) node.reserves().fillFor(node, task, make.name());
        else standing.end(standing.succeeded(List.of(task)));
    }

    /// Its disks lie over no other's any more.
    void freed(Task task) throws InterruptedException {
        state.happened(List.of(), standing.succeeded(List.of(task)), standing.machine(),
                state.past().from(Optional.empty()), List.of());
        node.tidy();
    }

    // ---- parts

    private DiskRecord frozenFor(Request.Clone clone) {
        var disk = clone.snapshot().flatMap(node.points()::snapshot).map(SnapshotRecord::disk)
                .or(() -> disk().base()).orElseThrow();
        return node.points().disk(disk).orElseThrow();
    }

    private void accept(Task task, boolean fresh) {
        if (!fresh) return;
        node.journal().write(List.of(), List.of(Journal.put(task.record())));
        node.operations().publish(task);
    }

    DiskRecord disk() {
        return state.past().disk().flatMap(node.points()::disk).orElseThrow();
    }

    TimeActs acts() {
        return new TimeActs(node, node.time(state.record()), state.record(), standing.machine(),
                standing.attachments().alone());
    }

    Copying copies(Tidying time) {
        return new Copying(standing, time);
    }
}
