package dev.hostal.linux;

/// One process for ever: its number may be used again, but not by a process with the same start.
///
/// @param startTicks field 22 of `/proc/PID/stat`, clock ticks since boot. Source: proc(5)
public record ProcessId(long pid, long startTicks) {}
