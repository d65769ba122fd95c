package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/// Work in virtual threads of its own that nobody waits for, and that ends with the daemon. Any thread may ask.
final class Errands {
    private static final Duration CLOSE_MAX = Duration.ofSeconds(20);

    private final Set<Thread> threads = new HashSet<>();
    private boolean closed;

    /// Begins one; where all have been ended, nothing happens.
    synchronized void begin(String name, Runnable work) {
        if (closed) return;
        threads.add(Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
            } finally {
                over();
            }
        }));
    }

    /// Whether all have been ended, and none is begun any more.
    synchronized boolean isClosed() {
        return closed;
    }

    /// Interrupts what is under way and waits for it, 20 s at most.
    void close() {
        Set<Thread> under;
        synchronized (this) {
            closed = true;
            under = Set.copyOf(threads);
        }
        under.forEach(Thread::interrupt);
        try {
            var deadline = Deadline.in(CLOSE_MAX);
            for (var thread : under) thread.join(Duration.ofMillis(Math.max(1, deadline.millisLeft())));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void over() {
        threads.remove(Thread.currentThread());
    }
}
