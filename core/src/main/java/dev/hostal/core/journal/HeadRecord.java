package dev.hostal.core.journal;

import dev.hostal.model.DiskId;
import dev.hostal.model.VolumeId;

/// What is remembered of a volume that points in time are kept of: its raw file is the lowest of its disks since. Whoever
/// changes it has taken the volume before.
///
/// @param disk what is written to, or will be
public record HeadRecord(VolumeId volume, DiskId disk) {}
