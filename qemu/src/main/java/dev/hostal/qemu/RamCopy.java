package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// A file with about what is in the RAM of a running machine, and what makes it equal. For one thread at a time.
final class RamCopy implements AutoCloseable {
    private final long process;
    private final GuestMemory memory;
    private final FileChannel file;
    private final GuestMemory.Copy copy;

    private RamCopy(long process, GuestMemory memory, FileChannel file) throws IOException, InterruptedException {
        this.process = process;
        this.memory = memory;
        this.file = file;
        this.copy = memory.copyTo(file);
        copy.settle();
    }

    /// @param process of QEMU
    /// @param target a new file, which machines may map that are to go on with it
    static RamCopy of(long process, Bytes size, Path target) throws IOException, InterruptedException {
        var memory = GuestMemory.of(process, size);
        boolean done = false;
        try {
            var file = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-rw-rw-"));
                var copy = new RamCopy(process, memory, file);
                done = true;
                return copy;
            } finally {
                if (!done) file.close();
            }
        } finally {
            if (!done) memory.close();
        }
    }

    /// Whether it is of that process.
    boolean isOf(long other) {
        return process == other;
    }

    /// Writes what differs. Afterwards the file is equal to the memory, where the guest stands still.
    void settle() throws IOException, InterruptedException {
        copy.settle();
    }

    @Override public void close() throws IOException {
        try (file) {
            memory.close();
        }
    }
}
