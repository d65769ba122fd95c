package dev.hostal.core;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Builds of images. One lasts as long as the request that carries its context, and is given up with it.
public interface Builds {
    /// @param context a tar archive as it comes
    /// @param listener told of every step
    /// @throws dev.hostal.base.Problem BUILD_FAILED and what else the image store has to say; UNSUPPORTED
    Images.Image build(BuildSpec wanted, InputStream context, BuildEvent.Listener listener, Deadline deadline)
            throws IOException, InterruptedException;

    /// Builds a disk that a virtual machine boots from.
    ///
    /// @param size of the disk
    default Images.Image buildDisk(BuildSpec wanted, Bytes size, InputStream context, BuildEvent.Listener listener,
            Deadline deadline) throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node makes no disks of images.");
    }

    /// Writes the files of an image, its layers stacked, as one plain archive, and leaves the stream open.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, UNSUPPORTED
    void writeFiles(String imageDigest, OutputStream tar) throws IOException;

    /// Forgets what former builds have left: their steps, and the content of cache mounts.
    ///
    /// @return what that freed on the disk
    Bytes prune() throws IOException, InterruptedException;
}
