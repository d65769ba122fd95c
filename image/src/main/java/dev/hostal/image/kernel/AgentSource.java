package dev.hostal.image.kernel;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Path;

/// Where the program comes from that is the init of every guest.
@FunctionalInterface
public interface AgentSource {
    /// A static program for that architecture; made when it is not there yet.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING no compiler for that architecture
    Path binary(Arch arch, Deadline deadline) throws IOException, InterruptedException;
}
