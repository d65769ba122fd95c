package dev.hostal.core.instance;

import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.Past.Turn;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.operation.Task;
import dev.hostal.model.DiskId;
import java.util.List;
import java.util.Optional;

/// What the work under way for a point in time is for.
sealed interface Stage {
    /// Those that it is done for.
    List<Task> tasks();

    record Turning(Task task, DiskRecord current, DiskRecord overlay, Turn turn) implements Stage {
        @Override public List<Task> tasks() {
            return List.of(task);
        }
    }

    /// @param failure that the tasks end with; empty: they go on when it is mended
    record Mending(List<Task> tasks, Optional<Problem> failure, Turn turn, Found found) implements Stage {}

    record Restoring(Task task, SnapshotRecord snapshot, DiskRecord disk) implements Stage {
        @Override public List<Task> tasks() {
            return List.of(task);
        }
    }

    record Suspending(Task task) implements Stage {
        @Override public List<Task> tasks() {
            return List.of(task);
        }
    }

    /// Where the thread that mends puts what it has found.
    final class Found {
        private volatile Optional<DiskId> disk = Optional.empty();

        void put(DiskId found) {
            disk = Optional.of(found);
        }

        Optional<DiskId> disk() {
            return disk;
        }
    }
}
