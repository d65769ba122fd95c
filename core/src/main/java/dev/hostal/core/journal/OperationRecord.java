package dev.hostal.core.journal;

import dev.hostal.base.Problem;
import dev.hostal.core.Operation.Status;
import java.time.Instant;
import java.util.Optional;

/// What is remembered of an operation, so that a client that asks after a restart gets a true answer.
///
/// @param problem why it failed or was cancelled
public record OperationRecord(
        String id,
        Request request,
        String target,
        Status status,
        Instant createdAt,
        Optional<Instant> endedAt,
        Optional<Problem> problem) {

    public OperationRecord ended(Status how, Instant time, Optional<Problem> why) {
        return new OperationRecord(id, request, target, how, createdAt, Optional.of(time), why);
    }
}
