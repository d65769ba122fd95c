package dev.hostal.core.journal;

import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.VolumeId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What is remembered of a snapshot.
///
/// @param disk not written to since
/// @param memory memory and devices of the same instant
/// @param volumes those that are disks, and the disk of each, of the same instant
public record SnapshotRecord(
        SnapshotId id,
        InstanceId instance,
        SnapshotName name,
        Optional<SnapshotId> parent,
        String description,
        Instant createdAt,
        DiskId disk,
        Optional<CheckpointId> memory,
        boolean scheduled,
        Map<VolumeId, DiskId> volumes) {
    public SnapshotRecord {
        volumes = Map.copyOf(volumes);
    }

    public SnapshotRecord named(SnapshotName other, String words) {
        return new SnapshotRecord(id, instance, other, parent, words, createdAt, disk, memory, scheduled, volumes);
    }

    public SnapshotRecord after(Optional<SnapshotId> other) {
        return new SnapshotRecord(id, instance, name, other, description, createdAt, disk, memory, scheduled, volumes);
    }
}
