package dev.hostal.spi;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.VolumeId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// Keeps volumes. The core decides what is kept for whom; here are the single steps, each of which may be repeated.
public interface VolumeDriver {
    /// How a volume was copied.
    enum Copied {
        /// The file system keeps the bytes once: it took no time and no space.
        SHARED,
        /// Byte for byte.
        WHOLE
    }

    /// Afterwards there is a volume of files, empty if it was not there.
    ///
    /// @throws dev.hostal.base.Problem NO_SPACE
    void ensureFiles(VolumeId id) throws IOException;

    /// Afterwards there is a disk of that size, with an empty file system if it was not there.
    ///
    /// @throws dev.hostal.base.Problem NO_SPACE, ENGINE_MISSING
    void ensureBlock(VolumeId id, Bytes size, Deadline deadline) throws IOException, InterruptedException;

    /// Writes a raw disk into a file that is not there.
    @FunctionalInterface
    interface Content {
        void writeTo(Path file) throws IOException, InterruptedException;
    }

    /// Afterwards there is a disk with that content, whatever was there before.
    ///
    /// @throws dev.hostal.base.Problem NO_SPACE
    void makeBlock(VolumeId id, Content content) throws IOException, InterruptedException;

    /// Afterwards nothing of the volume is left.
    void ensureAbsent(VolumeId id) throws IOException;

    /// Every volume of which something is here, however little.
    Set<VolumeId> known() throws IOException;

    /// The folder with a volume's files, or the file that is its disk.
    Path place(VolumeId id);

    /// What it takes on the disk.
    Bytes used(VolumeId id) throws IOException;

    /// Afterwards the target has the content that the source has now, whatever it had before.
    ///
    /// @throws dev.hostal.base.Problem NO_SPACE
    Copied copy(VolumeId source, VolumeId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// Writes the files as a tar archive, or a disk as it is.
    void export(VolumeId id, OutputStream out, Deadline deadline) throws IOException, InterruptedException;

    /// Writes a disk with that content, of a volume whose disk is kept elsewhere.
    void export(VolumeId id, Content content, OutputStream out) throws IOException, InterruptedException;

    /// Unpacks a tar archive over the files; nothing is written elsewhere, whatever the archive and the files say.
    ///
    /// @throws dev.hostal.base.Problem BAD_ARCHIVE, NO_SPACE
    void importTar(VolumeId id, InputStream tar, Deadline deadline) throws IOException, InterruptedException;

    /// Checks the source of a bind mount.
    ///
    /// @param create a folder is made where there is nothing
    /// @throws dev.hostal.base.Problem BAD_REQUEST there is nothing
    void ensureSource(Path source, boolean create) throws IOException;

    List<Probe> probes() throws IOException, InterruptedException;
}
