package dev.hostal.daemon.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The threads that serve streams without an end, so that the daemon's end can wake them.
final class Attendance {
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /// Counts the current thread in, until the returned value is closed.
    Presence enter() throws InterruptedException {
        var thread = Thread.currentThread();
        threads.add(thread);
        if (ended) {
            threads.remove(thread);
            throw new InterruptedException("the daemon is ending");
        }
        return () -> threads.remove(thread);
    }

    int count() {
        return threads.size();
    }

    /// Interrupts whoever is there, and refuses whoever comes.
    void end() {
        ended = true;
        threads.forEach(Thread::interrupt);
    }

    interface Presence extends AutoCloseable {
        @Override void close();
    }
}
