package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.linux.HostProgram;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// What the driver must know of its host.
///
/// @param uid of this process; only 0 can make containers
/// @param bootId of the host since it was booted
/// @param memory of the host: a container that is given as much has no limit, and so with CPUs
/// @param runtime the OCI runtime that works here
/// @param agent the agent's program for this host
/// @param criu one that works on this kernel
public record ContainerHost(Arch arch, int uid, String bootId, Bytes memory, int cpus, HostProgram runtime, HostProgram agent,
        Criu criu) {
    /// Puts containers to disk.
    public interface Criu extends HostProgram {
        /// One that is here already and works.
        Optional<Path> find() throws IOException, InterruptedException;

        /// What the installed one says against this kernel; empty where none is installed.
        Optional<String> complaint() throws IOException, InterruptedException;
    }
}
