package dev.hostal.domain;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import java.util.Optional;
import java.util.OptionalInt;

/// What a domain may use at most. A limit holds where the host has the cgroup controller for it.
///
/// @param memory of all its processes, page cache included
/// @param cpus 1.5 is one and a half CPUs' time
/// @param pids processes and threads
public record Limits(Optional<Bytes> memory, Optional<Double> cpus, OptionalInt pids) {
    public static final Limits NONE = new Limits(Optional.empty(), Optional.empty(), OptionalInt.empty());

    public Limits {
        require(cpus.isEmpty() || cpus.get() >= 0.01, "a limit of CPUs is at least 0.01");
        require(pids.isEmpty() || pids.getAsInt() >= 1, "a limit of processes is at least 1");
    }
}
