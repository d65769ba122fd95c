package dev.hostal.linux;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.file.Path;

/// A program of this host that may have to be found, tried, installed or compiled first.
@FunctionalInterface
public interface HostProgram {
    /// @throws dev.hostal.base.Problem ENGINE_MISSING: says what is missing
    Path get(Deadline deadline) throws IOException, InterruptedException;
}
