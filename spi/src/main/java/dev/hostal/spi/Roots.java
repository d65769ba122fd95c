package dev.hostal.spi;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// Reads the root file systems of instances, whether they run or not: an ability of a [MachineDriver]. What is mounted in
/// an instance is not part of its root. Of one that runs what is read may change meanwhile.
public interface Roots {
    /// What has become of a path since the image.
    enum Sort { ADDED, CHANGED, DELETED }

    /// @param path absolute, in the instance
    record Change(Sort sort, String path) {}

    /// Takes a tar archive as it comes.
    @FunctionalInterface
    interface Reading {
        void read(InputStream tar) throws IOException, InterruptedException;
    }

    /// What differs from the image, by path.
    ///
    /// @param disk that it writes to, where it is one of [PointsInTime]
    /// @param image that the instance was made of
    List<Change> changes(InstanceId id, Optional<DiskId> disk, RootImage image, Deadline deadline)
            throws IOException, InterruptedException;

    /// How much was written over the image.
    Bytes written(InstanceId id, Optional<DiskId> disk) throws IOException;

    /// What was written over the image, deletions in the form of overlayfs.
    void readWritten(InstanceId id, Optional<DiskId> disk, Reading reading, Deadline deadline)
            throws IOException, InterruptedException;

    /// All files.
    ///
    /// @param image that the instance was made of
    void readAll(InstanceId id, Optional<DiskId> disk, RootImage image, Reading reading, Deadline deadline)
            throws IOException, InterruptedException;
}
