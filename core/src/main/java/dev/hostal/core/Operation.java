package dev.hostal.core;

import dev.hostal.base.Problem;
import java.time.Instant;
import java.util.Optional;

/// Something asked for that takes time, as it is known now: an immutable picture.
///
/// @param id unique on the node, never re-used, such as `op-17c9…`
/// @param verb such as `instance.start` or `image.pull`
/// @param target id of the instance, or the image's reference
/// @param stage what is happening now, in words
/// @param total 0 where unknown
/// @param problem why it failed, where it failed
public record Operation(
        String id,
        String verb,
        String target,
        Status status,
        String stage,
        long done,
        long total,
        Optional<Problem> problem,
        Instant createdAt,
        Optional<Instant> endedAt) {
    public enum Status {
        RUNNING, SUCCEEDED, FAILED, CANCELLED;

        public boolean isFinal() {
            return this != RUNNING;
        }
    }
}
