package dev.hostal.model;

import dev.hostal.base.Bytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A point in time of an instance that can be gone back to, as it is known now.
///
/// @param parent the snapshot that the instance went on from when this one was taken
/// @param memory it has memory and devices, too: a checkpoint
/// @param scheduled taken by the instance's [Schedule], and dropped by it
/// @param current the instance goes on from here
/// @param used what it takes on the host, about
/// @param volumes that are disks, taken at the same instant
public record Snapshot(
        SnapshotId id,
        InstanceId instance,
        SnapshotName name,
        Optional<SnapshotId> parent,
        String description,
        Instant createdAt,
        boolean memory,
        boolean scheduled,
        boolean current,
        Bytes used,
        List<VolumeName> volumes) {
    public Snapshot {
        volumes = List.copyOf(volumes);
    }
}
