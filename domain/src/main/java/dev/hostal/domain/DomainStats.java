package dev.hostal.domain;

import dev.hostal.base.Bytes;
import java.time.Duration;

/// What a domain has used since its start, and its memory and processes now. What the host does not count
/// is zero.
///
/// @param memoryLimit zero where there is none
public record DomainStats(
        Duration cpu, Bytes memory, Bytes memoryLimit, int processes, Bytes diskRead, Bytes diskWritten) {}
