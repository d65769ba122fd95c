package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Path;

/// What the driver must know of its host.
///
/// @param uid of this process; only 0 can make containers
/// @param bootId of the host since it was booted
/// @param memory of the host: a container that is given as much has no limit, and so with CPUs
/// @param runtime the OCI runtime that works here
/// @param agent the agent's program for this host
public record ContainerHost(Arch arch, int uid, String bootId, Bytes memory, int cpus, Program runtime, Program agent) {
    /// A program that may have to be found, tried, installed or compiled first.
    @FunctionalInterface
    public interface Program {
        /// @throws dev.hostal.base.Problem ENGINE_MISSING: says what is missing
        Path get(Deadline deadline) throws IOException, InterruptedException;
    }
}
