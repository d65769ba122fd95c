package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Files with holes: where they have data.
public final class SparseFile {
    /// Source: lseek(2), unistd.h.
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int ENXIO = 6;

    private static final MethodHandle LSEEK =
            Native.function("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

    /// A part of a file that is no hole.
    public record Extent(long offset, long length) {
        public long end() {
            return offset + length;
        }
    }

    private SparseFile() {}

    /// Where the file has data, in order. Also for files of `/proc/<pid>/fd`.
    public static List<Extent> extents(Path file) throws IOException {
        var extents = new ArrayList<Extent>();
        try (var descriptor = Descriptor.open(file, Descriptor.O_RDONLY)) {
            for (long at = 0; ; ) {
                long from = seek(descriptor.number(), at, SEEK_DATA, file);
                if (from < 0) return extents;
                at = seek(descriptor.number(), from, SEEK_HOLE, file);
                if (at < 0) return extents;
                extents.add(new Extent(from, at - from));
            }
        }
    }

    /// How much of the file is no hole.
    public static long dataBytes(Path file) throws IOException {
        return extents(file).stream().mapToLong(Extent::length).sum();
    }

    /// -1 behind the last data.
    private static long seek(int descriptor, long offset, int whence, Path file) throws IOException {
        var result = Native.call((state, _) -> (long) LSEEK.invokeExact(state, descriptor, offset, whence));
        if (result.value() == -1 && result.errno() == ENXIO) return -1;
        return result.orThrow("looking for data in " + file);
    }
}
