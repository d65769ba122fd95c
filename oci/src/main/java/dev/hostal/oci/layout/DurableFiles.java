package dev.hostal.oci.layout;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Files that are whole or not there, also after a loss of power.
public final class DurableFiles {
    private DurableFiles() {}

    /// Replaces a file in one step.
    ///
    /// @param temporary a path on the same file system; nothing is left there when this fails
    public static void write(Path file, byte[] content, Path temporary) throws IOException {
        try {
            Files.write(temporary, content);
            moveIntoPlace(temporary, file);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    /// Makes a finished temporary file appear under its name, with its content on the disk before its name.
    public static void moveIntoPlace(Path temporary, Path file) throws IOException {
        sync(temporary);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.getParent());
    }

    private static void sync(Path path) throws IOException {
        // A folder can be opened for reading only; fsync works on it all the same.
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
