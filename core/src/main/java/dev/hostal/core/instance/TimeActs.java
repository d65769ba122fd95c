package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Limits;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Past.Turn;
import dev.hostal.core.operation.DriverFailure;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.Phase;
import dev.hostal.spi.PointsInTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// What a [Work] does to keep a point in time, or to go back to one. Each begins with what is journalled.
final class TimeActs {
    /// To write memory to disk. Chosen: 1 TiB at 100 MB/s takes three hours.
    private static final Duration MEMORY_MAX = Duration.ofHours(4);

    private final Node node;
    private final Tidying time;
    private final InstanceRecord record;
    private final Optional<RunningMachine> running;

    TimeActs(Node node, Tidying time, InstanceRecord record, Optional<RunningMachine> running) {
        this.node = node;
        this.time = time;
        this.record = record;
        this.running = running;
    }

    /// Makes the instance write to another disk from an instant on, and keeps its memory where asked.
    ///
    /// @param goOn the machine runs on
    Outcome turn(Work work, DiskRecord current, Turn turn, boolean goOn) throws IOException, InterruptedException {
        try (var _ = time.share(current.id())) {
            if (!current.made()) host().adoptDisk(record.id(), current.id());
            if (turn.checkpoint().isPresent()) {
                work.report("keeping memory and devices");
                var pause = host().checkpoint(record.id(), turn.checkpoint().get(), current.id(), turn.disk(), goOn,
                        work, Deadline.in(MEMORY_MAX));
                node.log().info("instance.checkpoint", "instance", record.spec().name(), "pause", pause);
            } else if (running.isPresent()) {
                host().switchDisk(record.id(), current.id(), turn.disk(), brief());
            } else {
                if (!current.made()) host().ensureDisk(current.id(), current.base(), current.size(), brief());
                host().ensureDisk(turn.disk(), Optional.of(current.id()), current.size(), brief());
            }
        }
        return new Outcome.Done();
    }

    /// Finds out, or decides, which disk the instance writes to, after a turn that was not seen to end. What the
    /// turn's disk holds was written after `current`: where it is there, nothing is lost by it.
    ///
    /// @return that disk
    DiskId mend(DiskRecord current, Turn turn) throws IOException, InterruptedException {
        try (var _ = time.share(current.id())) {
            if (!current.made()) tryTo(() -> host().adoptDisk(record.id(), current.id()));
            var checkpoint = turn.checkpoint().filter(each -> !node.points().isKept(each));
            if (checkpoint.isPresent()) tryTo(() -> host().ensureCheckpointAbsent(checkpoint.get()));
            if (running.isPresent() && !running.get().isEnded()) {
                var disk = switched(current, turn);
                var machine = running.get().machine();
                if (record.phase() instanceof Phase.Running && machine.isPaused()) tryTo(() -> machine.resume(brief()));
                return disk;
            }
            var here = new boolean[1];
            tryTo(() -> here[0] = host().disks().stream().anyMatch(disk -> disk.id().equals(turn.disk())));
            return here[0] ? turn.disk() : current.id();
        }
    }

    /// Where there is no space for the turn it is given up: else nothing that gives space back could be done before it.
    private DiskId switched(DiskRecord current, Turn turn) throws IOException, InterruptedException {
        try {
            tryTo(() -> host().switchDisk(record.id(), current.id(), turn.disk(), brief()));
            return turn.disk();
        } catch (Problem e) {
            if (e.code() == ErrorCode.NO_SPACE && givenUp(current, turn)) return current.id();
            throw e;
        } catch (IOException e) {
            if (DriverFailure.of(e).code() == ErrorCode.NO_SPACE && givenUp(current, turn)) return current.id();
            throw e;
        }
    }

    private boolean givenUp(DiskRecord current, Turn turn) throws IOException, InterruptedException {
        return host().giveUpSwitch(record.id(), current.id(), turn.disk(), brief());
    }

    /// Makes the disk that the instance goes back with.
    ///
    /// @param memory that it goes on from
    Outcome makeDisk(DiskRecord disk, Optional<CheckpointId> memory) throws IOException, InterruptedException {
        if (memory.isPresent()) requireFit(memory.get());
        try (var _ = time.share(disk.id())) {
            host().ensureDisk(disk.id(), disk.base(), disk.size(), brief());
        }
        return new Outcome.Done();
    }

    private void requireFit(CheckpointId memory) throws IOException {
        var nics = node.networks().machines().nicsOf(record.id());
        if (nics.isEmpty()) return;
        host().misfit(memory, nics.get()).ifPresent(why -> {
            throw new Problem(ErrorCode.UNSUPPORTED, "Instance %s was not gone back. %s\nMaybe attach or detach NICs until they are as then."
                    .formatted(record.spec().name(), why));
        });
    }

    /// Ends a machine whose memory is kept.
    Outcome end(Work work, CheckpointId checkpoint, Acts acts) throws IOException, InterruptedException {
        running.ifPresent(RunningMachine::expectEnd);
        if (running.isPresent()) {
            var machine = running.get().machine();
            tryTo(machine::kill);
            running.get().awaitEnd(node.limits().briefMax());
        }
        var left = acts.ensureStopped();
        if (left instanceof Outcome.Leftover(var reason)) throw new IOException(
                "Its memory is kept, but something of the machine is left: " + reason);
        work.report("compressing memory");
        host().compress(checkpoint, work, Deadline.in(MEMORY_MAX));
        return new Outcome.Done();
    }

    private PointsInTime host() {
        return time.host(record.spec().kind());
    }

    private Deadline brief() {
        return Deadline.in(node.limits().briefMax());
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void tryTo(Step step) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                step.run();
                return;
            } catch (IOException | Problem e) {
                if (attempt == Limits.TRIES_MAX) throw e;
                Thread.sleep(node.limits().retryPause().multipliedBy(attempt));
            }
        }
    }
}
