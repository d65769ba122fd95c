package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.instance.Offspring.Child;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Task;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Origin;
import dev.hostal.model.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes clones and forks of one instance, from a disk that is not written to any more. For the owner's thread,
/// which it hands on what takes long.
final class Copying {
    /// To copy a disk. Chosen: 1 TiB at 100 MB/s takes three hours.
    private static final Duration COPY_MAX = Duration.ofHours(4);

    private final Standing standing;
    private final Node node;
    private final InstanceRecord source;
    private final Tidying time;
    private final Offspring offspring;

    Copying(Standing standing, Tidying time) {
        this.standing = standing;
        this.time = time;
        node = standing.node();
        source = standing.state().record();
        offspring = new Offspring(node);
    }

    /// Makes a stopped copy over that disk, or with a copy of it.
    void clone(Task task, Request.Clone clone, DiskRecord frozen) throws InterruptedException {
        if (clone.linked()) {
            var past = new Origin(source.id(), clone.snapshot());
            var disk = frozen.overlay(node.points().newDisk());
            offspring.raise(List.of(childOf(clone, disk, Past.of(disk.id()).from(Optional.of(past)))),
                    standing.succeeded(List.of(task)));
            return;
        }
        var disk = DiskRecord.first(node.points().newDisk(), frozen.kind(), frozen.size());
        node.points().hold(frozen.id());
        node.points().hold(disk.id());
        Runnable letGo = () -> {
            node.points().letGo(frozen.id());
            node.points().letGo(disk.id());
            node.tidy();
        };
        node.errands().begin("clone-" + source.spec().name(), task, () -> {
            copy(task, clone, frozen, disk);
            letGo.run();
        }, () -> {
            Offspring.release(node.registry(), clone);
            letGo.run();
        });
    }

    /// Frees every disk of the instance from those of others.
    void flatten(Task task) {
        node.errands().begin("flatten-" + source.spec().name(), task, () -> {
            time.free(node.points().overForeign(source.id()), task);
            standing.post(new Message.Freed(task));
        }, () -> {});
    }

    /// Makes running copies that go on from the checkpoint; those of them that are there already are left alone.
    void raiseForks(Request.Fork fork, DiskRecord frozen, CheckpointId checkpoint) throws InterruptedException {
        var children = new ArrayList<Child>();
        Offspring.namesOf(fork).forEach((name, id) -> {
            if (node.registry().find(id).isPresent()) return;
            var disk = node.nextFork().diskFor(id, checkpoint).orElseGet(() -> frozen.overlay(node.points().newDisk()));
            var past = Past.of(disk.id()).goingOnFrom(Optional.of(checkpoint));
            children.add(offspring.copyOf(source, id, name, disk, past, fork.sameIdentity(), true));
        });
        offspring.raise(children, List.of());
    }

    /// Ends the operation when all of them run. Should one of them not, none is left.
    void awaitForks(Task task, Request.Fork fork) {
        node.errands().begin("fork-" + source.spec().name(), task, () -> {
            var deadline = Deadline.in(node.limits().startMax(source.arch(), node.arch()));
            for (int i = 0; i < fork.ids().size(); i++) {
                task.report("starting forks", i, fork.ids().size());
                requireRunning(fork.ids().get(i), deadline);
            }
            node.errands().succeed(task);
            node.nextFork().settle(node, fork);
            node.nextFork().begun(node, source.id());
            node.tidy();
        }, () -> {
            fork.ids().forEach(this::remove);
            node.nextFork().settle(node, fork);
        });
    }

    private void requireRunning(InstanceId id, Deadline deadline) throws InterruptedException {
        var owner = node.registry().find(id).orElseThrow(() -> new Problem(ErrorCode.INSTANCE_NOT_FOUND,
                "A fork of instance %s was deleted before it ran.".formatted(source.spec().name())));
        var phase = owner.awaitStarted(deadline);
        if (phase.filter(each -> !(each instanceof Phase.Suspended || each instanceof Phase.Failed
                || each instanceof Phase.Starting)).isPresent()) return;
        var problem = owner.lastProblem();
        throw new Problem(problem.map(Problem::code).orElse(ErrorCode.DRIVER_FAILED),
                "Fork %s of instance %s did not start, so none was made.%s".formatted(owner.view().name(),
                        source.spec().name(), problem.map(each -> "\n" + each.getMessage()).orElse("")));
    }

    private void remove(InstanceId id) {
        try {
            if (node.registry().find(id).isPresent()) node.registry().get(id).ask(new Request.Delete(true));
        } catch (Problem problem) {
            node.log().warn("fork.leftover", "id", id.brief(), "because", problem.getMessage());
        }
    }

    private void copy(Task task, Request.Clone clone, DiskRecord frozen, DiskRecord disk)
            throws IOException, InterruptedException {
        node.journal().write(List.of(), List.of(PointRecords.put(disk)));
        node.points().show(disk);
        try (var _ = time.share(frozen.id())) {
            task.report("copying the disk");
            time.host(frozen.kind()).copyDisk(frozen.id(), disk.id(), task, Deadline.in(COPY_MAX));
        }
        task.onCancel(() -> {});
        offspring.raise(List.of(childOf(clone, disk.seen(), Past.of(disk.id()))), standing.succeeded(List.of(task)));
    }

    private Child childOf(Request.Clone clone, DiskRecord disk, Past past) {
        return offspring.copyOf(source, clone.id(), clone.name(), disk, past, clone.sameIdentity(), false);
    }
}
