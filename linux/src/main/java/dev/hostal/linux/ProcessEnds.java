package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Tells when processes end that are not children of this one: one epoll(7) over their pidfds, one thread.
/// A virtual thread cannot wait in a native call without holding its carrier, therefore this detour.
final class ProcessEnds implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLIN = 1;
    /// `struct epoll_event` is packed on x86-64 only. Source: bits/epoll.h
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final long EVENT_SIZE = PACKED ? 12 : 16;
    private static final long DATA_OFFSET = PACKED ? 4 : 8;
    private static final int EVENTS_MAX = 64;
    /// How long the thread may outlive [#close]. Chosen.
    private static final int POLL_MILLIS = 1000;

    private static final MethodHandle CREATE = Native.function("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle CTL =
            Native.function("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle WAIT =
            Native.function("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

    private record Watch(ProcessDescriptor process, CompletableFuture<Void> end) {}

    private final Descriptor epoll;
    private final Map<Integer, Watch> watches = new ConcurrentHashMap<>();
    private volatile boolean closed;

    ProcessEnds() throws IOException {
        epoll = new Descriptor((int) Native.call((state, _) -> (int) CREATE.invokeExact(state, EPOLL_CLOEXEC))
                .orThrow("creating an epoll instance"));
        Thread.ofPlatform().daemon().name("process-ends").start(this::run);
    }

    /// Completes when the process has ended. Owns the descriptor from now on.
    CompletableFuture<Void> onEnd(ProcessDescriptor process) throws IOException {
        var end = new CompletableFuture<Void>();
        watches.put(process.number(), new Watch(process, end));
        var result = control(EPOLL_CTL_ADD, process.number());
        if (result.value() == -1) {
            watches.remove(process.number());
            process.close();
        }
        result.orThrow("watching a process");
        return end;
    }

    private Native.Result control(int operation, int descriptor) {
        return Native.call((state, arena) -> {
            var event = arena.allocate(EVENT_SIZE, 8);
            event.set(ValueLayout.JAVA_INT_UNALIGNED, 0, EPOLLIN);
            event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA_OFFSET, descriptor);
            return (int) CTL.invokeExact(state, epoll.number(), operation, descriptor, event);
        });
    }

    private void run() {
        while (!closed) {
            Native.call((state, arena) -> {
                var events = arena.allocate(EVENT_SIZE * EVENTS_MAX, 8);
                int count = (int) WAIT.invokeExact(state, epoll.number(), events, EVENTS_MAX, POLL_MILLIS);
                for (int i = 0; i < count; i++) {
                    ended(events, i);
                }
                return count;
            });
        }
        epoll.close();
        watches.values().forEach(watch -> watch.process.close());
    }

    private void ended(MemorySegment events, int index) {
        int descriptor = (int) events.get(ValueLayout.JAVA_LONG_UNALIGNED, index * EVENT_SIZE + DATA_OFFSET);
        control(EPOLL_CTL_DEL, descriptor);
        // Removed before it is closed: the number may be given to another file at once.
        var watch = watches.remove(descriptor);
        watch.process.close();
        watch.end.complete(null);
    }

    /// Waits that are under way never end afterwards.
    @Override public void close() {
        closed = true;
    }
}
