package dev.hostal.core;

import dev.hostal.base.Deadline;
import java.util.List;
import java.util.Optional;

/// The operations of this node: those under way, and the last few that ended.
public interface Operations {
    /// Ended operations that are remembered. Chosen.
    int ENDED_MAX = 1000;

    Optional<Operation> find(String id);

    /// Newest last.
    List<Operation> list();

    /// Waits until the operation differs from the given picture of it, or the deadline is past.
    ///
    /// @return its newest picture, which is the given one where nothing happened
    Operation waitForChange(Operation seen, Deadline deadline) throws InterruptedException;

    /// Asks a running operation to end early and undo what it did; it may still succeed.
    ///
    /// @throws dev.hostal.base.Problem OPERATION_NOT_FOUND
    void cancel(String id);
}
