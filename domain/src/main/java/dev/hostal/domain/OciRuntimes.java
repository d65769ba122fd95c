package dev.hostal.domain;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.file.Path;

/// Which OCI runtime to start domains with.
interface OciRuntimes {
    /// One that is taken as it is.
    static OciRuntimes only(Path program) {
        return new OciRuntimes() {
            @Override public Path working(Deadline deadline) {
                return program;
            }

            @Override public boolean isInstalled() {
                return true;
            }
        };
    }

    /// The program of one that works on this host, installed where there is none and it may be.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING none is here, or none works: says what was tried
    Path working(Deadline deadline) throws IOException, InterruptedException;

    /// Whether there is one at all.
    boolean isInstalled();
}
