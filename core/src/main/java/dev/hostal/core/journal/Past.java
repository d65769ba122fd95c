package dev.hostal.core.journal;

import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Origin;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.VolumeId;
import java.util.Map;
import java.util.Optional;

/// What is remembered of where an instance comes from: its disk, and what it goes on from.
///
/// @param disk what it writes to, or will at its next start; empty: a disk of its driver's own
/// @param turn a change of the disk that was begun, and not seen to end
/// @param memory the checkpoint that its next start goes on from; `disk` is an empty one over that checkpoint's then
/// @param renewed its next start gives it an identity of its own
/// @param identity whose MAC it has, where that is not its own
/// @param position the snapshot that it goes on from
/// @param origin what it lies over, as a linked clone
/// @param pool the pool that it waits in, shown to nobody
public record Past(
        Optional<DiskId> disk,
        Optional<Turn> turn,
        Optional<CheckpointId> memory,
        boolean renewed,
        Optional<InstanceId> identity,
        Optional<SnapshotId> position,
        Optional<Origin> origin,
        Optional<InstanceName> pool) {
    /// From an instant on the machine writes to another disk, over the one that it has now.
    ///
    /// @param disk the other one
    /// @param checkpoint memory and devices of that instant
    /// @param volumes those that turn at the same instant, and the disk that is written to of each from then on
    public record Turn(DiskId disk, Optional<CheckpointId> checkpoint, Map<VolumeId, DiskId> volumes) {
        public Turn {
            volumes = Map.copyOf(volumes);
        }
    }

    /// Of an instance whose driver keeps no points in time.
    public static final Past NONE = new Past(Optional.empty(), Optional.empty(), Optional.empty(), false,
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// A new one with a disk of its own.
    public static Past of(DiskId disk) {
        return NONE.over(disk);
    }

    /// On that disk, with no change of it under way.
    public Past over(DiskId other) {
        return new Past(Optional.of(other), Optional.empty(), memory, renewed, identity, position, origin, pool);
    }

    public Past turning(Turn begun) {
        return new Past(disk, Optional.of(begun), memory, renewed, identity, position, origin, pool);
    }

    public Past goingOnFrom(Optional<CheckpointId> checkpoint) {
        return new Past(disk, turn, checkpoint, renewed, identity, position, origin, pool);
    }

    public Past at(Optional<SnapshotId> snapshot) {
        return new Past(disk, turn, memory, renewed, identity, snapshot, origin, pool);
    }

    /// Running: what its start went on from is behind it.
    public Past begun() {
        return new Past(disk, turn, Optional.empty(), false, identity, position, origin, pool);
    }

    /// With an identity of its own at its next start, or with another's.
    public Past as(Optional<InstanceId> other) {
        return new Past(disk, turn, memory, other.isEmpty(), other, position, origin, pool);
    }

    public Past from(Optional<Origin> other) {
        return new Past(disk, turn, memory, renewed, identity, position, other, pool);
    }

    public Past in(Optional<InstanceName> other) {
        return new Past(disk, turn, memory, renewed, identity, position, origin, other);
    }
}
