package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// A file descriptor of this process that Java's own classes do not give out.
record Descriptor(int number) implements AutoCloseable {
    /// The values of the asm-generic headers, which every architecture with Java has. Source: fcntl.h
    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN = Native.variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = Native.function("close", JAVA_INT, JAVA_INT);

    static Descriptor open(Path path, int flags) throws IOException {
        var result = Native.call((state, arena) ->
                (int) OPEN.invokeExact(state, arena.allocateFrom(path.toString()), flags | O_CLOEXEC));
        return new Descriptor((int) result.orThrow("opening " + path));
    }

    @Override public void close() {
        Native.call((state, _) -> (int) CLOSE.invokeExact(state, number));
    }
}
