package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.model.DiskId;
import java.io.IOException;
import java.nio.file.Path;

/// Keeps points in time of a machine's volumes that are disks, too: an ability of [PointsInTime]. Such a volume begins as
/// a raw file of its [VolumeDriver]; the first point in time makes that the lowest of its disks.
public interface VolumesInTime extends PointsInTime {
    /// Afterwards that raw file is that disk, without a base, and no file of the volume's driver any more; machines
    /// that have it open notice nothing. Where it is so already nothing happens.
    ///
    /// @throws dev.hostal.base.Problem DISK_DAMAGED there is neither the disk nor the file
    void adoptVolume(DiskId disk, Path file) throws IOException;

    /// Afterwards the file is a raw disk with the content that the disk has, which nobody writes to meanwhile.
    ///
    /// @throws dev.hostal.base.Problem NO_SPACE, DISK_DAMAGED
    void copyOut(DiskId disk, Path file, Progress progress, Deadline deadline) throws IOException, InterruptedException;
}
