package dev.hostal.core;

import dev.hostal.base.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Something asked for that takes time, as it is known now: an immutable picture.
///
/// @param id unique on the node, never re-used, such as `op-17c9…`
/// @param verb such as `instance.start` or `image.pull`
/// @param target id of the instance, or the image's reference
/// @param stage what is happening now, in words
/// @param total 0 where unknown
/// @param problem why it failed, where it failed
/// @param results ids of what it makes, known from its beginning
/// @param parts of it that go on side by side, such as the layers of an image
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
        Optional<Instant> endedAt,
        List<String> results,
        List<Part> parts) {
    public Operation {
        results = List.copyOf(results);
        parts = List.copyOf(parts);
    }

    /// One of several things under way.
    ///
    /// @param total 0 where unknown
    public record Part(String name, String stage, long done, long total) {}

    /// Without parts.
    public Operation(String id, String verb, String target, Status status, String stage, long done, long total,
            Optional<Problem> problem, Instant createdAt, Optional<Instant> endedAt, List<String> results) {
        this(id, verb, target, status, stage, done, total, problem, createdAt, endedAt, results, List.of());
    }

    /// One that makes nothing but what its target says.
    public Operation(String id, String verb, String target, Status status, String stage, long done, long total,
            Optional<Problem> problem, Instant createdAt, Optional<Instant> endedAt) {
        this(id, verb, target, status, stage, done, total, problem, createdAt, endedAt, List.of());
    }

    /// How far it has come; all but `RUNNING` are for good.
    public enum Status {
        RUNNING, SUCCEEDED, FAILED, CANCELLED;

        public boolean isFinal() {
            return this != RUNNING;
        }
    }
}
