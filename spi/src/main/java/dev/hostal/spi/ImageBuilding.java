package dev.hostal.spi;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A store that builds images of Dockerfiles.
public interface ImageBuilding {
    /// Builds an image and names it. What fails, or is interrupted, leaves nothing but what later builds may use.
    ///
    /// @param context a tar archive, compressed or not, as it comes; read to its end before anything is built
    /// @param steps runs what `RUN` says
    /// @throws dev.hostal.base.Problem BUILD_FAILED with file and line, BAD_ARCHIVE, IMAGE_NOT_FOUND, ...
    Images.Image build(BuildSpec wanted, InputStream context, BuildSteps steps, BuildEvent.Listener listener,
            Deadline deadline) throws IOException, InterruptedException;

    /// Builds an image, and of that a disk that a virtual machine boots from, which alone is kept and named.
    ///
    /// @param size of the disk
    /// @throws dev.hostal.base.Problem BUILD_FAILED also where the files do not fit, nothing can be run, or no kernel
    ///     is to be had
    default Images.Image buildDisk(BuildSpec wanted, Bytes size, InputStream context, BuildSteps steps,
            BuildEvent.Listener listener, Deadline deadline) throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node's image store makes no disks of images.");
    }

    /// Writes the files of an image, its layers stacked, as one plain archive, and leaves the stream open.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND
    void writeFiles(String imageDigest, OutputStream tar) throws IOException;

    /// Forgets the steps of former builds, and what cache mounts that are not in use hold.
    ///
    /// @return what that freed on the disk
    Bytes pruneBuilds() throws IOException, InterruptedException;
}
