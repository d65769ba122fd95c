package dev.hostal.core.journal;

import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import java.time.Instant;

/// What is remembered of a guest that was kept just before its program would have run.
///
/// @param key of everything that it depends on
public record WarmRecord(String key, DiskId disk, CheckpointId memory, Instant usedAt) {
    public WarmRecord usedAt(Instant time) {
        return new WarmRecord(key, disk, memory, time);
    }
}
