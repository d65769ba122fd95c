package dev.hostal.spi;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Keeps points in time of machines: an ability of a [MachineDriver]. The core decides what is kept for whom; here
/// are the single steps, each of which may be repeated, and after each of which nothing of the others is changed.
///
/// A [disk][DiskId] is a copy-on-write file over at most one base. Only the disk that no other has as its base, and
/// that an instance owns, is ever written to.
public interface PointsInTime {
    /// A disk as it is on the host.
    ///
    /// @param size virtual size
    /// @param used what deleting it would give back
    record Disk(DiskId id, Optional<DiskId> base, Bytes size, Bytes used) {}

    /// A checkpoint as it is on the host.
    ///
    /// @param disk the disk that its guest had; it belongs to the checkpoint's moment and is not written to since
    record Checkpoint(CheckpointId id, DiskId disk, Bytes memory, Bytes used) {}

    /// A disk of a running machine that is written to until an instant, and the one over it that is written to from then on.
    ///
    /// @param place where the machine has the volume whose disk it is; empty: the machine's own disk
    record Switch(Optional<String> place, DiskId current, DiskId overlay) {
        /// Of a machine's own disk alone.
        public static List<Switch> own(DiskId current, DiskId overlay) {
            return List.of(new Switch(Optional.empty(), current, overlay));
        }
    }

    /// Afterwards there is a disk over that base, new ones without content of their own; without a base, an empty
    /// one with a file system.
    ///
    /// @throws dev.hostal.base.Problem DISK_DAMAGED the base is missing or no disk
    void ensureDisk(DiskId disk, Optional<DiskId> base, Bytes size, Deadline deadline)
            throws IOException, InterruptedException;

    /// Afterwards there is a disk with the content of that file, of an image that is a disk; nobody writes to either.
    ///
    /// @param file qcow2 without a base
    default void ensureImageDisk(DiskId disk, Path file) throws IOException {}

    /// Whether machines need none of these disks until the first point in time of them is asked for: until then they
    /// have one of the driver's own, which [#adoptDisk] takes.
    default boolean adopts() {
        return false;
    }

    /// Afterwards the disk that the driver made for a machine of its own accord is that disk; where there is none,
    /// nothing happens. Where [#adopts] says so the machine may run.
    default void adoptDisk(InstanceId id, DiskId disk) throws IOException {}

    /// Afterwards the target is a disk without a base, with the content that the source has now.
    void copyDisk(DiskId source, DiskId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// Afterwards the disk has the same content as before, over the other base, which must be an ancestor of it, or
    /// over none. What lies between is copied into it.
    ///
    /// @param user the machine that has it open, itself or over others
    void rebaseDisk(DiskId disk, Optional<DiskId> base, Optional<InstanceId> user, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    void ensureDiskAbsent(DiskId disk) throws IOException;

    /// Every disk that is here, with what is wrong with none of them known.
    List<Disk> disks() throws IOException, InterruptedException;

    /// What is wrong with the disk or one of its bases, as a sentence; empty where a machine can use it.
    Optional<String> fault(DiskId disk) throws IOException, InterruptedException;

    /// Makes the running machine write to the overlays from one instant on, to all or to none; what it has written
    /// before is their bases. Asked again after that, nothing happens. The guest's file systems are quiesced for it
    /// where its agent can.
    ///
    /// @param disks its own first; those of volumes where the driver is [VolumesInTime]
    void switchDisks(InstanceId id, List<Switch> disks, Deadline deadline) throws IOException, InterruptedException;

    /// Gives up a switch that finds no space, for which nothing new is needed.
    ///
    /// @return whether the machine writes to what it wrote to before, and will; otherwise nothing was done
    default boolean giveUpSwitch(InstanceId id, List<Switch> disks, Deadline deadline)
            throws IOException, InterruptedException {
        return false;
    }

    /// Like [#switchDisks], and keeps memory and devices as of the same instant. A machine that was paused stays so.
    ///
    /// @param goOn the machine runs on; otherwise it is left paused
    /// @return how long the guest stood still for it
    Duration checkpoint(InstanceId id, CheckpointId checkpoint, List<Switch> disks, boolean goOn, Progress progress,
            Deadline deadline) throws IOException, InterruptedException;

    /// Gives the guest of a running machine the identity of that spec, as a start with [MachineSpec.Moment#renewed]
    /// does; where guests have none of their own, nothing happens.
    default void renew(MachineSpec spec, Deadline deadline) throws IOException, InterruptedException {}

    /// Why a machine of this size, with these NICs, cannot go on from the checkpoint, as a sentence; empty where it can.
    default Optional<String> misfit(CheckpointId checkpoint, int cpus, Bytes memory, List<MachineNic> nics) throws IOException {
        return Optional.empty();
    }

    /// Afterwards the checkpoint takes as little space as it can; it can be started from as before, more slowly.
    void compress(CheckpointId checkpoint, Progress progress, Deadline deadline) throws IOException, InterruptedException;

    void ensureCheckpointAbsent(CheckpointId checkpoint) throws IOException;

    List<Checkpoint> checkpoints() throws IOException, InterruptedException;
}
