package dev.hostal.linux;

import static dev.hostal.base.Check.require;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Gives parts of a file back to the file system while its offsets stay.
public final class SparseFile {
    /// Source: linux/falloc.h. PUNCH_HOLE must come with KEEP_SIZE.
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;

    private static final MethodHandle FALLOCATE =
            Native.function("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private SparseFile() {}

    /// Makes the bytes from `offset` read as zero and frees the whole blocks among them. The size stays.
    ///
    /// @throws IOException also where the file system cannot do it; the file is unchanged then
    public static void punchHole(Path file, long offset, long length) throws IOException {
        require(offset >= 0 && length >= 1, "a hole begins in the file and has a length");
        try (var descriptor = Descriptor.open(file, Descriptor.O_WRONLY)) {
            Native.call((state, _) -> (int) FALLOCATE.invokeExact(
                            state, descriptor.number(), PUNCH_HOLE | KEEP_SIZE, offset, length))
                    .orThrow("punching a hole into " + file);
        }
    }
}
