package dev.hostal.domain;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/// Starts programs in domains of their own and finds them again. They are nobody's children: they outlive
/// the daemon.
public interface Domains {
    /// Starts the program; returns when it runs. A domain of that name must not be there.
    ///
    /// @throws IOException it did not start; nothing of it is left but its log
    Domain start(DomainSpec spec, Deadline deadline) throws IOException, InterruptedException;

    /// The running domain of that name, also after a restart of the daemon.
    Optional<Domain> find(String name) throws IOException;

    /// Names of everything that has a process, state or a cgroup of ours.
    Set<String> names() throws IOException;

    /// Afterwards no process, state or cgroup of that name is left, whatever was killed half-way before.
    void ensureAbsent(String name) throws IOException, InterruptedException;
}
