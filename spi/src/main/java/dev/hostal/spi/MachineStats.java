package dev.hostal.spi;

import dev.hostal.base.Bytes;
import java.time.Duration;

/// What a machine has used: counters since its start, and memory now.
///
/// @param memory what the host spends on it now (QEMU's own included)
public record MachineStats(
        Duration cpu,
        Bytes memory,
        Bytes memoryLimit,
        int processes,
        Bytes diskRead,
        Bytes diskWritten,
        Bytes netReceived,
        Bytes netSent) {}
