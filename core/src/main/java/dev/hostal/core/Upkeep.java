package dev.hostal.core;

import dev.hostal.base.Deadline;
import dev.hostal.model.Change;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import java.io.IOException;
import java.util.List;

/// Looking after instances that exist: what they may use, what runs in them, and which of them are no longer needed.
public interface Upkeep {
    /// A table: one row a process.
    record Processes(List<String> titles, List<List<String>> rows) {
        public Processes {
            titles = List.copyOf(titles);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }

    /// Changes its spec, and its machine where one runs.
    ///
    /// @throws dev.hostal.base.Problem UNSUPPORTED, BAD_REQUEST: all is as it was
    Instance update(InstanceId id, Change change);

    /// What runs in it: of a container with the host's numbers, of a virtual machine with the guest's.
    Processes processes(InstanceId id, Deadline deadline) throws IOException, InterruptedException;

    /// Deletes every instance that does not run and will not by itself.
    ///
    /// @return names of those that are gone
    List<String> prune(Deadline deadline) throws InterruptedException;
}
