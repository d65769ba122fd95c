package dev.hostal.core.journal;

import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import java.time.Instant;

/// What is remembered of a pool.
///
/// @param disk of the checkpoint that its forks go on from
/// @param template the record of the source as it was then
public record PoolRecord(InstanceName name, InstanceRecord template, DiskId disk, CheckpointId memory, int ready,
        long taken, Instant createdAt) {
    public InstanceId source() {
        return template.id();
    }

    public InstanceSpec spec() {
        return template.spec();
    }

    public PoolRecord takenOnce() {
        return new PoolRecord(name, template, disk, memory, ready, taken + 1, createdAt);
    }
}
