package dev.hostal.core.instance;

import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.Past.Turn;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.operation.Task;
import dev.hostal.model.DiskId;
import dev.hostal.model.VolumeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What the work under way for a point in time is for.
sealed interface Stage {
    /// Those that it is done for.
    List<Task> tasks();

    record Turning(Task task, DiskRecord current, DiskRecord overlay, Turn turn, List<VolumeTurn> volumes) implements Stage {
        @Override public List<Task> tasks() {
            return List.of(task);
        }
    }

    /// @param failure that the tasks end with; empty: they go on when it is mended
    record Mending(List<Task> tasks, Optional<Problem> failure, Turn turn, List<VolumeTurn> volumes, Found found)
            implements Stage {}

    /// @param disks to go back with
    record Restoring(Task task, SnapshotRecord snapshot, Fresh disks) implements Stage {
        @Override public List<Task> tasks() {
            return List.of(task);
        }
    }

    record Suspending(Task task) implements Stage {
        @Override public List<Task> tasks() {
            return List.of(task);
        }
    }

    /// Empty disks over those of a snapshot.
    record Fresh(DiskRecord own, Map<VolumeId, DiskRecord> volumes) {
        public Fresh {
            volumes = Map.copyOf(volumes);
        }

        List<DiskRecord> all() {
            return Stream.concat(Stream.of(own), volumes.values().stream()).toList();
        }
    }

    /// Where the thread that mends puts what it has found: every disk that is written to.
    final class Found {
        private volatile Set<DiskId> disks = Set.of();

        void put(Set<DiskId> found) {
            disks = Set.copyOf(found);
        }

        boolean isWrittenTo(DiskId disk) {
            return disks.contains(disk);
        }
    }
}
