package dev.hostal.agent;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The agent as a static program for each architecture, compiled by the host's compilers when first needed.
public final class AgentBinary {
    private final Path folder;

    /// @param folder where compiled agents are kept, by the digest of their source
    public AgentBinary(Path folder) {
        this.folder = folder;
    }

    /// Debian's packages with which the agent is compiled for that architecture on this host.
    public static List<String> packages(Arch arch) {
        return List.of("gcc", "libc6-dev");
    }

    /// The agent, executable; compiled now or found.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING: the compiler or its library is not installed; the
    /// message names the packages
    public Path of(Arch arch, Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet " + folder);
    }
}
