package dev.hostal.linux;

import dev.hostal.base.Bytes;
import java.time.Duration;

/// What the processes of a cgroup have used, and use now. Zero where the controller is missing.
///
/// @param memory without the page cache that can be dropped at once
/// @param memoryMax zero where there is no limit
/// @param pids processes and threads
public record CgroupUsage(
        Duration cpu, Bytes memory, Bytes memoryMax, int pids, Bytes diskRead, Bytes diskWritten) {}
