package dev.hostal.daemon;

import dev.hostal.api.Places;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// The folders of a home, held by one daemon at a time: the kernel lets go of the lock when the process ends,
/// however it ends.
final class HomeLock implements AutoCloseable {
    private final FileChannel file;
    private final FileLock lock;
    private final Path pidFile;

    private HomeLock(FileChannel file, FileLock lock, Path pidFile) {
        this.file = file;
        this.lock = lock;
        this.pidFile = pidFile;
    }

    /// Makes the folders where they are missing, readable by nobody else, and takes the lock.
    ///
    /// @param group whether a group of the host may come to the socket
    /// @throws IOException another daemon holds the home: the message says which; or the folders cannot be made
    static HomeLock take(Places places, boolean group, long pid) throws IOException {
        ensureFolder(places.home(), "rwx------");
        ensureFolder(places.run(), group ? "rwx--x---" : "rwx------");
        // Never opened a second time: closing any descriptor of a file drops the process's locks. Source: fcntl(2).
        var path = places.home().resolve("daemon.lock");
        var file = FileChannel.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        var lock = file.tryLock();
        if (lock == null) {
            var holder = read(file);
            file.close();
            throw new IOException("Another daemon, process %s, holds %s.".formatted(holder, places.home()));
        }
        var text = StandardCharsets.US_ASCII.encode(pid + "\n");
        file.truncate(0).write(text, 0);
        Files.writeString(places.pidFile(), pid + "\n");
        return new HomeLock(file, lock, places.pidFile());
    }

    private static void ensureFolder(Path folder, String mode) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    private static String read(FileChannel file) throws IOException {
        var bytes = ByteBuffer.allocate(32);
        file.read(bytes, 0);
        return StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip();
    }

    @Override public void close() throws IOException {
        Files.deleteIfExists(pidFile);
        lock.release();
        file.close();
    }
}
