package dev.hostal.core;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Change;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.Images;
import dev.hostal.spi.Roots;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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

    /// One test of how well its program is.
    ///
    /// @param exitCode -1 where it could not be run or did not end in time
    /// @param output the beginning of what it wrote
    record Tested(Instant began, Instant ended, int exitCode, String output) {}

    /// What is known of a machine that runs.
    ///
    /// @param pid number on the host of its program, or of its QEMU
    /// @param failures of its tests in a row
    /// @param tests the last ones
    record Running(Optional<Long> pid, int failures, List<Tested> tests) {
        public static final Running NOT = new Running(Optional.empty(), 0, List.of());

        public Running {
            tests = List.copyOf(tests);
        }
    }

    /// [Running#NOT] where it does not run.
    Running running(InstanceId id) throws IOException;

    /// What it has written over its image; empty where that is not known.
    Optional<Bytes> written(InstanceId id) throws IOException;

    /// What differs from its image, by path; of a container.
    ///
    /// @throws dev.hostal.base.Problem UNSUPPORTED
    List<Roots.Change> changes(InstanceId id, Deadline deadline) throws IOException, InterruptedException;

    /// All files of its root as a tar archive; a virtual machine has to run for it.
    ///
    /// @throws dev.hostal.base.Problem WRONG_PHASE: nothing was read
    void readRoot(InstanceId id, Roots.Reading reading, Deadline deadline) throws IOException, InterruptedException;

    /// What is said of an image that is made of an instance.
    ///
    /// @param name empty: it is known by its digest only
    /// @param config the whole member `config` of the image's configuration, instead of what the instance was given
    record Commit(Optional<ImageReference> name, Optional<String> config, String author, String comment,
            List<String> changes, boolean pause) {}

    /// Makes an image of its image and what it has written over that; of a container.
    ///
    /// @throws dev.hostal.base.Problem UNSUPPORTED, NO_SPACE, BAD_REQUEST
    Images.Image commit(InstanceId id, Commit wanted, Deadline deadline)
            throws IOException, InterruptedException;

    /// Deletes every instance that does not run and will not by itself.
    ///
    /// @return names of those that are gone
    List<String> prune(Deadline deadline) throws InterruptedException;
}
