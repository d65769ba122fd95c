package dev.hostal.linux;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A lock that the kernel takes back when its owner ends, however it ends.
public final class FileLock implements AutoCloseable {
    private final FileChannel channel;

    private FileLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Takes the lock of a file, which is made where it is missing; empty where another holds it. The file
    /// must not be opened elsewhere in this process: closing it there would give the lock up.
    public static Optional<FileLock> tryAcquire(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) return Optional.of(new FileLock(channel));
        } catch (OverlappingFileLockException _) {
            // This process itself holds it: the same answer.
        }
        channel.close();
        return Optional.empty();
    }

    @Override public void close() throws IOException {
        channel.close();
    }
}
