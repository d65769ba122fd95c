package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Points in time of containers: what they have written as folders, see [ContainerDisks], memory by [Criu]. A container
/// stands still while what it has written is copied.
final class ContainerPointsInTime implements PointsInTime {
    /// The agent takes meanwhile what a frozen program has written last: otherwise it would be in memory, too, and said
    /// twice. Chosen; it takes it a millisecond where the host is not busy.
    private static final Duration DRAINED = Duration.ofMillis(100);

    private final ContainerMachines machines;
    private final ContainerFolders folders;
    private final ContainerDisks disks;
    private final ContainerCheckpoints checkpoints;

    ContainerPointsInTime(ContainerMachines machines, ContainerFolders folders, ContainerDisks disks,
            ContainerCheckpoints checkpoints) {
        this.machines = machines;
        this.folders = folders;
        this.disks = disks;
        this.checkpoints = checkpoints;
    }

    // ---- disks

    @Override public void ensureDisk(DiskId disk, Optional<DiskId> base, Bytes size, Deadline deadline)
            throws IOException, InterruptedException {
        disks.ensure(disk, base, deadline);
    }

    @Override public boolean adopts() {
        return true;
    }

    @Override public void adoptDisk(InstanceId id, DiskId disk) throws IOException {
        disks.adopt(folders.of(id.brief()), disk);
    }

    @Override public void copyDisk(DiskId source, DiskId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        disks.ensure(target, Optional.of(source), deadline);
        disks.rebase(target, Optional.empty());
    }

    /// It needs no base: only what is remembered of it changes.
    @Override public void rebaseDisk(DiskId disk, Optional<DiskId> base, Optional<InstanceId> user, Progress progress,
            Deadline deadline) throws IOException {
        disks.rebase(disk, base);
    }

    @Override public void ensureDiskAbsent(DiskId disk) throws IOException {
        disks.ensureAbsent(disk);
    }

    @Override public List<Disk> disks() throws IOException {
        return disks.all();
    }

    @Override public Optional<String> fault(DiskId disk) {
        try {
            disks.check(disk);
            return Optional.empty();
        } catch (Problem e) {
            return Optional.of(e.getMessage());
        }
    }

    // ---- of running containers

    @Override public void switchDisks(InstanceId id, List<Switch> own, Deadline deadline)
            throws IOException, InterruptedException {
        var machine = running(id, deadline);
        var current = own.getFirst().current();
        var overlay = own.getFirst().overlay();
        if (disks.exists(overlay)) {
            disks.turn(current, overlay, deadline);
            return;
        }
        boolean wasPaused = machine.isPaused();
        if (!wasPaused) machine.pause(deadline);
        try {
            disks.turn(current, overlay, deadline);
        } finally {
            if (!wasPaused) goOn(machine);
        }
    }

    @Override public boolean giveUpSwitch(InstanceId id, List<Switch> switches, Deadline deadline) throws IOException {
        return disks.giveUp(switches.getFirst().current(), switches.getFirst().overlay());
    }

    @Override public Duration checkpoint(InstanceId id, CheckpointId checkpoint, List<Switch> own, boolean goOn,
            Progress progress, Deadline deadline) throws IOException, InterruptedException {
        var machine = running(id, deadline);
        var current = own.getFirst().current();
        var overlay = own.getFirst().overlay();
        if (checkpoints.exists(checkpoint) && disks.exists(overlay)) return Duration.ZERO;
        if (disks.exists(overlay)) throw new Problem(ErrorCode.DISK_DAMAGED, """
                The checkpoint %s was not finished, and its disk is written to since.
                Maybe make another one.""".formatted(checkpoint));
        checkpoints.ensureAbsent(checkpoint);
        machines.requireCheckpoints(deadline);
        var place = checkpoints.begin(checkpoint);
        boolean done = false;
        boolean wasPaused = machine.isPaused();
        long from = System.nanoTime();
        if (!wasPaused) machine.pause(deadline);
        try {
            progress.report("writing memory");
            Thread.sleep(DRAINED);
            machines.dump(machine, place.images(), deadline);
            progress.report("copying what was written");
            disks.turn(current, overlay, deadline);
            checkpoints.finish(checkpoint, current);
            done = true;
        } finally {
            if (!wasPaused && !(done && !goOn)) goOn(machine);
            if (!done) checkpoints.ensureAbsent(checkpoint);
        }
        return wasPaused ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - from);
    }

    /// Also where the caller was interrupted or is late: a container must not stand still for that.
    private static void goOn(ContainerMachine machine) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            machine.resume(Deadline.in(ContainerMachine.RESUME_MAX));
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    // ---- checkpoints

    /// CRIU's images are as small as they get.
    @Override public void compress(CheckpointId checkpoint, Progress progress, Deadline deadline) {}

    @Override public void ensureCheckpointAbsent(CheckpointId checkpoint) throws IOException {
        checkpoints.ensureAbsent(checkpoint);
    }

    @Override public List<Checkpoint> checkpoints() throws IOException {
        return checkpoints.all();
    }

    private ContainerMachine running(InstanceId id, Deadline deadline) throws IOException, InterruptedException {
        return machines.running(id, deadline).orElseThrow(() ->
                new IOException("the container %s does not run".formatted(id.brief())));
    }
}
