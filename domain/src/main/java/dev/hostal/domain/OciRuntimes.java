package dev.hostal.domain;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.file.Path;

/// Which OCI runtime to start domains with.
@FunctionalInterface
interface OciRuntimes {
    /// The program of one that works on this host.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING none is here, or none works: says what was tried
    Path working(Deadline deadline) throws IOException, InterruptedException;
}
