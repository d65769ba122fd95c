package dev.hostal.model;

import java.time.Instant;

/// Forks of a warmed virtual machine that wait to be taken, as they are known now.
///
/// @param source the instance that it was made from; it may be gone
/// @param ready how many are to wait
/// @param waiting how many wait now
/// @param taken how many were handed out
public record Pool(InstanceName name, InstanceId source, int ready, int waiting, long taken, Instant createdAt) {
    /// Chosen: each one is a process with memory of its own.
    public static final int READY_MAX = 64;
}
