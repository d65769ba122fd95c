package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
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
import dev.hostal.core.point.Tidying;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.Course;
import dev.hostal.model.DiskId;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Kind;
import dev.hostal.model.Mount;
import dev.hostal.model.Phase;
import dev.hostal.model.SnapshotId;
import dev.hostal.store.Store.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// An instance's points in time, from the beginning of each request's work to what its outcome means. A turn of the
/// disk is journalled before it is made; whatever becomes of it, it is mended before anything else. For the owner's
/// thread only.
final class TimeDesk {
    /// Snapshots of one instance. Chosen: each is a layer that its disk lies over.
    private static final int SNAPSHOTS_MAX = 256;

    /// What the work under way is for.
    private sealed interface Stage {}

    private record Turning(Task task, DiskRecord current, DiskRecord overlay, Turn turn) implements Stage {}

    /// @param failure that the tasks end with; empty: they go on when it is mended
    private record Mending(List<Task> tasks, Optional<Problem> failure, Turn turn, Found found) implements Stage {}

    private record Restoring(Task task, SnapshotRecord snapshot, DiskRecord disk) implements Stage {}

    private record Suspending(Task task) implements Stage {}

    /// A disk to go back with, made while the machine still ran that is being ended for it.
    private record Ready(Task task, DiskRecord disk) {}

    /// Where the thread that mends puts what it has found.
    private static final class Found {
        private volatile Optional<DiskId> disk = Optional.empty();
    }

    private final Standing standing;
    private final Node node;
    private final InstanceState state;
    private Optional<Stage> stage = Optional.empty();
    private Optional<Ready> ready = Optional.empty();

    TimeDesk(Standing standing) {
        this.standing = standing;
        node = standing.node();
        state = standing.state();
    }

    /// Whether a request that is no matter of time, or begins with the end of the machine, is possible.
    ///
    /// @throws Problem IN_USE: linked clones need the instance; SNAPSHOT_NOT_FOUND
    void check(Request request) {
        switch (request) {
            case Request.Delete _ -> requireNoClones(Optional.empty());
            case Request.RestoreSnapshot restore -> {
                node.time(state.record());
                validate(restore);
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
        if (!isDone(request, fresh)) validate(request);
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
                standing.inline(task, () -> takeSuspended(task, take));
            }
            case Request.TakeSnapshot take -> turn(task, fresh, take.memory(), true);
            case Request.Suspend _ -> turn(task, fresh, true, false);
            case Request.Fork _, Request.MakePool _ -> turn(task, fresh, true, true);
            case Request.Clone clone when clone.snapshot().isPresent() || state.phase() instanceof Phase.Suspended -> {
                accept(task, fresh);
                standing.inline(task, () -> copies(time).clone(task, clone, frozenFor(clone)));
            }
            case Request.Clone _ -> turn(task, fresh, false, true);
            case Request.RestoreSnapshot restore -> restore(task, fresh, restore);
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
        mend(List.of(), Optional.empty());
    }

    /// The task goes on when the disk is known.
    void mendFirst(Task task, boolean fresh) {
        accept(task, fresh);
        mend(List.of(task), Optional.empty());
    }

    void settle(Work done, Outcome outcome) throws InterruptedException {
        var ended = stage.orElseThrow();
        stage = Optional.empty();
        switch (outcome) {
            case Outcome.Done _ -> {
                switch (ended) {
                    case Turning turning -> turned(turning);
                    case Mending mending -> mended(mending);
                    case Restoring restoring -> restored(restoring);
                    case Suspending(var task) -> {
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

    // ---- turns

    private void turn(Task task, boolean fresh, boolean memory, boolean goOn) {
        var current = disk();
        var checkpoint = memory ? Optional.of(checkpointFor(task, current)) : Optional.<CheckpointId>empty();
        var turn = new Turn(node.points().newDisk(), checkpoint);
        var overlay = current.overlay(turn.disk());
        var writes = new ArrayList<Write>(List.of(PointRecords.put(overlay)));
        if (fresh) writes.add(Journal.put(task.record()));
        state.intend(state.past().turning(turn), writes);
        node.points().show(overlay);
        if (fresh) node.operations().publish(task);
        stage = Optional.of(new Turning(task, current, overlay, turn));
        var acts = acts();
        standing.begin(Activity.TIME, List.of(task), work -> acts.turn(work, current, turn, goOn));
    }

    private CheckpointId checkpointFor(Task task, DiskRecord current) {
        var ahead = task.request() instanceof Request.Fork fork
                ? node.nextFork().checkpointFor(node, fork, standing.machine(), current.id()) : Optional.<CheckpointId>empty();
        return ahead.orElseGet(node.points()::newCheckpoint);
    }

    private void turned(Turning turning) throws InterruptedException {
        var past = state.past().over(turning.turn.disk());
        // As it is now: disks under it may have been merged since the turn began, and what is told of it must say so.
        var current = node.points().disk(turning.current.id()).orElseThrow();
        var seen = current.made() ? List.of(turning.overlay.seen()) : List.of(turning.overlay.seen(), current.seen());
        var writes = new ArrayList<Write>(seen.stream().map(PointRecords::put).toList());
        var tasks = List.of(turning.task);
        // Until those who need it are written down.
        node.points().hold(current.id());
        try {
            switch (turning.task.request()) {
                case Request.TakeSnapshot take -> {
                    var snapshot = snapshot(take, current.id(), turning.turn.checkpoint());
                    writes.add(PointRecords.put(snapshot));
                    node.points().show(snapshot);
                    state.happened(List.of(), standing.succeeded(tasks), standing.machine(),
                            past.at(Optional.of(take.id())), writes);
                    told(snapshot);
                }
                case Request.Suspend _ -> suspended(turning, past, writes);
                case Request.Clone clone -> {
                    state.happened(List.of(), List.of(), standing.machine(), past, writes);
                    copies(node.time(state.record())).clone(turning.task, clone, current);
                }
                case Request.Fork fork -> {
                    var copies = copies(node.time(state.record()));
                    copies.raiseForks(fork, current, turning.turn.checkpoint().orElseThrow());
                    state.happened(List.of(), List.of(), standing.machine(), past, writes);
                    copies.awaitForks(turning.task, fork);
                }
                case Request.MakePool make -> {
                    var source = state.record().with(Past.NONE).with(node.networks().machines().specNow(state.record()));
                    var pool = new PoolRecord(make.name(), source, current.id(),
                            turning.turn.checkpoint().orElseThrow(), make.ready(), 0, node.clock().instant());
                    writes.add(PointRecords.put(pool));
                    node.points().show(pool);
                    state.happened(List.of(), List.of(), standing.machine(), past, writes);
                    node.reserves().fillFor(node, turning.task, make.name());
                }
                default -> throw new IllegalStateException("no turn was made for " + turning.task.request().word());
            }
            seen.forEach(node.points()::show);
        } finally {
            node.points().letGo(current.id());
        }
        node.tidy();
    }

    private void suspended(Turning turning, Past past, List<Write> writes) throws InterruptedException {
        var checkpoint = turning.turn.checkpoint().orElseThrow();
        state.happened(List.of(new LifeEvent.Suspend()), List.of(), standing.machine(),
                past.goingOnFrom(Optional.of(checkpoint)), writes);
        stage = Optional.of(new Suspending(turning.task));
        var acts = acts();
        var ending = standing.acts();
        standing.attachments().failAll("The instance was suspended.");
        standing.begin(Activity.TIME, List.of(turning.task), work -> acts.end(work, checkpoint, ending));
    }

    private void mend(List<Task> tasks, Optional<Problem> failure) {
        var turn = state.past().turn().orElseThrow();
        var current = disk();
        var found = new Found();
        stage = Optional.of(new Mending(tasks, failure, turn, found));
        var acts = acts();
        standing.begin(Activity.TIME, tasks, _ -> {
            found.disk = Optional.of(acts.mend(current, turn));
            return new Outcome.Done();
        });
    }

    private void mended(Mending mending) throws InterruptedException {
        var disk = mending.found.disk.orElseThrow();
        var overlay = node.points().disk(mending.turn.disk()).filter(each -> each.id().equals(disk));
        var endings = mending.failure.map(problem -> standing.failed(mending.tasks, problem)).orElse(List.of());
        state.happened(List.of(), endings, standing.machine(), state.past().over(disk),
                overlay.map(each -> PointRecords.put(each.seen())).stream().toList());
        overlay.ifPresent(each -> node.points().show(each.seen()));
        if (mending.failure.isEmpty()) mending.tasks.reversed().forEach(standing.waiting()::addFirst);
        node.tidy();
    }

    private void failed(Stage ended, Problem problem) throws InterruptedException {
        switch (ended) {
            case Turning turning -> mend(List.of(turning.task), Optional.of(problem));
            case Mending mending -> {
                var why = mending.failure.orElse(problem);
                node.log().warn("instance.unmended", "instance", state.record().spec().name(), "because", problem.getMessage());
                standing.end(standing.failed(mending.tasks, why));
            }
            case Restoring restoring -> {
                node.points().letGo(restoring.disk.id());
                standing.end(standing.failed(List.of(restoring.task), problem));
                node.tidy();
            }
            case Suspending(var task) -> {
                standing.letGo();
                standing.end(standing.failed(List.of(task), problem));
            }
        }
    }

    // ---- snapshots

    private void takeSuspended(Task task, Request.TakeSnapshot take) throws InterruptedException {
        var past = state.past();
        var snapshot = snapshot(take, disk().base().orElseThrow(), take.memory() ? past.memory() : Optional.empty());
        node.points().show(snapshot);
        state.happened(List.of(), standing.succeeded(List.of(task)), Optional.empty(), past.at(Optional.of(take.id())),
                List.of(PointRecords.put(snapshot)));
        told(snapshot);
    }

    private SnapshotRecord snapshot(Request.TakeSnapshot take, DiskId disk, Optional<CheckpointId> memory) {
        return new SnapshotRecord(take.id(), state.record().id(), take.name(), state.past().position(),
                take.description(), node.clock().instant(), disk, memory, take.scheduled());
    }

    private void restore(Task task, boolean fresh, Request.RestoreSnapshot restore) {
        var snapshot = node.points().snapshot(restore.snapshot()).orElseThrow();
        var made = ready.filter(each -> each.task.equals(task));
        if (made.isPresent()) {
            ready = Optional.empty();
            restore(task, snapshot, made.get().disk);
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
        restore(task, snapshot, disk);
    }

    private void restore(Task task, SnapshotRecord snapshot, DiskRecord disk) {
        stage = Optional.of(new Restoring(task, snapshot, disk));
        var acts = acts();
        standing.begin(Activity.TIME, List.of(task), _ -> acts.makeDisk(disk, snapshot.memory()));
    }

    private void restored(Restoring restoring) throws InterruptedException {
        var snapshot = restoring.snapshot;
        var task = restoring.task;
        if (state.phase() instanceof Phase.Running || state.phase() instanceof Phase.Paused) {
            endForRestore(restoring);
            return;
        }
        boolean start = ((Request.RestoreSnapshot) task.request()).start();
        var disk = restoring.disk.seen();
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
    private void endForRestore(Restoring restoring) throws InterruptedException {
        ready = Optional.of(new Ready(restoring.task, restoring.disk));
        try {
            state.intend(new LifeEvent.Stop(), Optional.of(restoring.task.id()), List.of(), state.record().course().ended());
            standing.stop(List.of(restoring.task), Standing.endingOf(restoring.task.request()));
        } catch (Problem problem) {
            standing.end(standing.failed(List.of(restoring.task), problem));
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
        var disk = disk().id();
        boolean lazy = snapshot.filter(SnapshotRecord::scheduled).isPresent();
        node.errands().begin("snapshot-delete-" + state.record().spec().name(), task, () -> {
            if (lazy) time.sweep();
            else time.giveBack(disk, task);
            node.errands().succeed(task);
        }, () -> {});
    }

    private void dropMemory(Task task) throws InterruptedException {
        state.happened(List.of(new LifeEvent.Ended(ExitStatus.KILLED)), standing.succeeded(List.of(task)),
                Optional.empty(), state.past().goingOnFrom(Optional.empty()), List.of());
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

    private void validate(Request.OfInstance request) {
        if (keepsMemory(request) && state.record().spec().kind() == Kind.VM) {
            state.record().spec().mounts().stream().filter(mount -> !mount.type().equals(Mount.TMPFS)).findFirst()
                    .ifPresent(mount -> { throw new Problem(ErrorCode.UNSUPPORTED, """
                            The memory of instance %s cannot be kept: what it mounts at %s changes beside it.
                            Maybe stop it, or take a snapshot without its memory."""
                            .formatted(state.record().spec().name(), mount.target())); });
        }
        if (request instanceof Request.MakePool && state.record().spec().kind() == Kind.CONTAINER) throw new Problem(
                ErrorCode.UNSUPPORTED, "Pools are of virtual machines: a container needs no time to start.");
        switch (request) {
            case Request.TakeSnapshot take -> {
                var there = node.points().snapshots(state.record().id());
                if (there.stream().anyMatch(each -> each.name().equals(take.name()) && !each.id().equals(take.id()))) {
                    throw new Problem(ErrorCode.NAME_IN_USE, "Instance %s has a snapshot %s already."
                            .formatted(state.record().spec().name(), take.name()));
                }
                if (there.size() >= SNAPSHOTS_MAX) throw new Problem(ErrorCode.BUSY,
                        "Instance %s has %d snapshots already, the most that there can be.\nMaybe delete some."
                                .formatted(state.record().spec().name(), SNAPSHOTS_MAX));
            }
            case Request.RestoreSnapshot restore -> {
                require(restore.snapshot());
                if (restore.kept().flatMap(node.points()::snapshot).isEmpty() && restore.kept().isPresent()) {
                    throw new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, ("The present of instance %s could not be kept as "
                            + "a snapshot, so it was not gone back from it.").formatted(state.record().spec().name()));
                }
            }
            case Request.MakePool make -> {
                if (node.points().pool(make.name()).isPresent()) throw new Problem(ErrorCode.NAME_IN_USE,
                        "There is a pool %s already.".formatted(make.name()));
            }
            case Request.DeleteSnapshot(var snapshot) -> requireNoClones(Optional.of(snapshot));
            case Request.Clone clone -> clone.snapshot().ifPresent(this::require);
            default -> { /* Nothing else to be wrong. */ }
        }
    }

    private static boolean keepsMemory(Request.OfInstance request) {
        return switch (request) {
            case Request.Suspend _, Request.Fork _, Request.MakePool _ -> true;
            case Request.TakeSnapshot take -> take.memory();
            default -> false;
        };
    }

    private void require(SnapshotId snapshot) {
        if (node.points().snapshot(snapshot).filter(each -> each.instance().equals(state.record().id())).isEmpty()) {
            throw new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, "Instance %s has no snapshot %s any more."
                    .formatted(state.record().spec().name(), snapshot));
        }
    }

    private void requireNoClones(Optional<SnapshotId> snapshot) {
        var clones = node.points().clonesOf(state.record().id(), snapshot).stream()
                .flatMap(id -> node.registry().find(id).stream()).map(owner -> owner.view().name().value()).sorted().toList();
        if (clones.isEmpty()) return;
        throw new Problem(ErrorCode.IN_USE, "%s of instance %s is in use by the linked %s %s.\nMaybe flatten %s first."
                .formatted(snapshot.isPresent() ? "The snapshot" : "The disk", state.record().spec().name(),
                        clones.size() == 1 ? "clone" : "clones",
                        clones.stream().limit(10).collect(Collectors.joining(", ")), clones.size() == 1 ? "it" : "them"));
    }

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

    private DiskRecord disk() {
        return state.past().disk().flatMap(node.points()::disk).orElseThrow();
    }

    private TimeActs acts() {
        return new TimeActs(node, node.time(state.record()), state.record(), standing.machine());
    }

    private Copying copies(Tidying time) {
        return new Copying(standing, time);
    }

    private void told(SnapshotRecord snapshot) {
        InstanceId instance = snapshot.instance();
        node.events().publish("snapshot.created", instance.value(),
                Map.of("name", snapshot.name().value(), "snapshot", snapshot.id().value()));
        node.log().info("snapshot.created", "instance", state.record().spec().name(), "snapshot", snapshot.name());
    }
}
