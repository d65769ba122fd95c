package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Limits;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Past.Turn;
import dev.hostal.core.operation.DriverFailure;
import dev.hostal.core.point.Held;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.Phase;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.PointsInTime.Switch;
import dev.hostal.spi.VolumesInTime;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What a [Work] does to keep a point in time, or to go back to one. Each begins with what is journalled.
final class TimeActs {
    /// To write memory to disk. Chosen: 1 TiB at 100 MB/s takes three hours.
    private static final Duration MEMORY_MAX = Duration.ofHours(4);

    private final Node node;
    private final Tidying time;
    private final InstanceRecord record;
    private final Optional<RunningMachine> running;
    /// Whoever has it writes to the disk of an instance that does not run.
    private final Semaphore alone;

    TimeActs(Node node, Tidying time, InstanceRecord record, Optional<RunningMachine> running, Semaphore alone) {
        this.node = node;
        this.time = time;
        this.record = record;
        this.running = running;
        this.alone = alone;
    }

    /// Makes the instance write to another disk from an instant on, and keeps its memory where asked.
    ///
    /// @param goOn the machine runs on
    Outcome turn(Work work, DiskRecord current, Turn turn, List<VolumeTurn> volumes, boolean goOn)
            throws IOException, InterruptedException {
        try (var _ = alone(work); var _ = share(current, volumes)) {
            if (!current.made()) host().adoptDisk(record.id(), current.id());
            adopt(volumes);
            if (turn.checkpoint().isPresent()) {
                work.report("keeping memory and devices");
                overlayUnwritten(volumes);
                var pause = host().checkpoint(record.id(), turn.checkpoint().get(), switches(current, turn, volumes), goOn,
                        work, Deadline.in(MEMORY_MAX));
                node.log().info("instance.checkpoint", "instance", record.spec().name(), "pause", pause);
            } else if (running.isPresent()) {
                overlayUnwritten(volumes);
                host().switchDisks(record.id(), switches(current, turn, volumes), brief());
            } else {
                if (!current.made()) host().ensureDisk(current.id(), current.base(), current.size(), brief());
                host().ensureDisk(turn.disk(), Optional.of(current.id()), current.size(), brief());
                for (var volume : volumes) {
                    overlay(volume);
                }
            }
        }
        return new Outcome.Done();
    }

    /// Files of an instance that does not run are copied by a machine that writes to its disk.
    private Held alone(Work work) throws InterruptedException {
        if (running.isPresent()) return () -> {};
        if (!alone.tryAcquire()) {
            work.report("waiting for files that are copied");
            if (!alone.tryAcquire(node.limits().briefMax().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Problem(ErrorCode.BUSY, """
                        Files of instance %s are being copied, so that its disk is written to. It is as it was.
                        Maybe try again when they are there.""".formatted(record.spec().name()));
            }
        }
        return alone::release;
    }

    private Held share(DiskRecord own, List<VolumeTurn> volumes) throws InterruptedException {
        return time.share(Stream.concat(Stream.of(own), volumes.stream().map(VolumeTurn::current)).map(DiskRecord::id).toList());
    }

    /// The raw file of a volume becomes a disk among others with its first turn.
    private void adopt(List<VolumeTurn> volumes) throws IOException {
        for (var volume : volumes) {
            if (volume.current().made()) continue;
            ((VolumesInTime) host()).adoptVolume(volume.current().id(), node.volumes().disks().raw(volume.volume()));
        }
    }

    /// What the machine may only read does not change under it: its disk is at rest.
    private void overlayUnwritten(List<VolumeTurn> volumes) throws IOException, InterruptedException {
        for (var volume : volumes) {
            if (!volume.mounted().written()) overlay(volume);
        }
    }

    private void overlay(VolumeTurn volume) throws IOException, InterruptedException {
        host().ensureDisk(volume.overlay().id(), Optional.of(volume.current().id()), volume.current().size(), brief());
    }

    private static List<Switch> switches(DiskRecord current, Turn turn, List<VolumeTurn> volumes) {
        return Stream.concat(Switch.own(current.id(), turn.disk()).stream(),
                volumes.stream().filter(volume -> volume.mounted().written()).map(VolumeTurn::asked)).toList();
    }

    /// Finds out, or decides, which disks the instance writes to, after a turn that was not seen to end. What a
    /// turn's disk holds was written after the one below: where it is there, nothing is lost by it.
    ///
    /// @return those disks
    Set<DiskId> mend(DiskRecord current, Turn turn, List<VolumeTurn> volumes) throws IOException, InterruptedException {
        try (var _ = share(current, volumes)) {
            tryTo(() -> adopt(volumes));
            var checkpoint = turn.checkpoint().filter(each -> !node.points().isKept(each));
            if (checkpoint.isPresent()) tryTo(() -> host().ensureCheckpointAbsent(checkpoint.get()));
            if (running.isPresent() && !running.get().isEnded()) {
                boolean switched = switched(current, turn, volumes);
                var machine = running.get().machine();
                if (record.phase() instanceof Phase.Running && machine.isPaused()) tryTo(() -> machine.resume(brief()));
                return written(current, turn, volumes, _ -> switched);
            }
            adoptWhereThereIsSpace(current);
            var here = new HashSet<DiskId>();
            tryTo(() -> host().disks().forEach(disk -> here.add(disk.id())));
            return written(current, turn, volumes, here::contains);
        }
    }

    private static Set<DiskId> written(DiskRecord current, Turn turn, List<VolumeTurn> volumes, Predicate<DiskId> isTurned) {
        var written = new HashSet<DiskId>();
        written.add(isTurned.test(turn.disk()) ? turn.disk() : current.id());
        volumes.forEach(volume -> written.add((isTurned.test(volume.overlay().id()) ? volume.overlay() : volume.current()).id()));
        return written;
    }

    /// Where there is no space for the turn it is given up: else nothing that gives space back could be done before it.
    ///
    /// @return whether the machine writes to the turn's disks
    private boolean switched(DiskRecord current, Turn turn, List<VolumeTurn> volumes) throws IOException, InterruptedException {
        var switches = switches(current, turn, volumes);
        try {
            tryTo(() -> {
                if (!current.made()) host().adoptDisk(record.id(), current.id());
                overlayUnwritten(volumes);
                host().switchDisks(record.id(), switches, brief());
            });
            return true;
        } catch (IOException | Problem e) {
            if (isNoSpace(e) && givenUp(switches)) return false;
            throw e;
        }
    }

    /// One that is not taken for want of space is taken when the next turn begins.
    private void adoptWhereThereIsSpace(DiskRecord current) throws IOException, InterruptedException {
        try {
            if (!current.made()) tryTo(() -> host().adoptDisk(record.id(), current.id()));
        } catch (IOException | Problem e) {
            if (!isNoSpace(e)) throw e;
        }
    }

    private static boolean isNoSpace(Exception failure) {
        return switch (failure) {
            case Problem problem -> problem.code() == ErrorCode.NO_SPACE;
            case IOException e -> DriverFailure.of(e).code() == ErrorCode.NO_SPACE;
            default -> false;
        };
    }

    private boolean givenUp(List<Switch> switches) throws IOException, InterruptedException {
        return host().giveUpSwitch(record.id(), switches, brief());
    }

    /// Makes the disks that the instance goes back with.
    ///
    /// @param memory that it goes on from
    Outcome makeDisks(Work work, List<DiskRecord> disks, Optional<CheckpointId> memory)
            throws IOException, InterruptedException {
        if (memory.isPresent()) requireFit(memory.get());
        try (var _ = alone(work); var _ = time.share(disks.stream().map(DiskRecord::id).toList())) {
            for (var disk : disks) {
                host().ensureDisk(disk.id(), disk.base(), disk.size(), brief());
            }
        }
        return new Outcome.Done();
    }

    private void requireFit(CheckpointId memory) throws IOException {
        var nics = node.networks().machines().nicsOf(record.id());
        if (nics.isEmpty()) return;
        host().misfit(memory, record.spec().cpus(), record.spec().memory(), nics.get()).ifPresent(why -> {
            throw new Problem(ErrorCode.UNSUPPORTED, """
                    Instance %s was not gone back. %s
                    Maybe make it what it was then: 'hostal update', 'hostal network attach', 'hostal network detach'."""
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
