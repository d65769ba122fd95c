package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// A pidfd: stands for one process, and goes on doing so when its number is used again. Source: pidfd_open(2)
final class ProcessDescriptor implements AutoCloseable {
    /// The same on every architecture. Source: linux/scripts/syscall.tbl
    private static final long PIDFD_SEND_SIGNAL = 424;
    private static final long PIDFD_OPEN = 434;

    private static final MethodHandle SYSCALL =
            Native.variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private final Descriptor descriptor;

    private ProcessDescriptor(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /// The running process of that number; empty where there is none.
    static Optional<ProcessDescriptor> open(long pid) throws IOException {
        var result = Native.call((state, _) -> (long) SYSCALL.invokeExact(state, PIDFD_OPEN, pid, 0L, 0L, 0L));
        if (result.value() == -1 && result.errno() == Native.ESRCH) return Optional.empty();
        int number = (int) result.orThrow("opening a descriptor of process " + pid);
        return Optional.of(new ProcessDescriptor(new Descriptor(number)));
    }

    int number() {
        return descriptor.number();
    }

    /// Sends a signal; nothing happens where the process has ended.
    void signal(int signal) throws IOException {
        var result = Native.call((state, _) -> (long) SYSCALL.invokeExact(
                state, PIDFD_SEND_SIGNAL, (long) number(), (long) signal, 0L, 0L));
        if (result.value() == -1 && result.errno() == Native.ESRCH) return;
        result.orThrow("sending signal " + signal);
    }

    @Override public void close() {
        descriptor.close();
    }
}
