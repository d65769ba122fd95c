package dev.hostal.daemon;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Gives memory back to the host after work. The serial collector shrinks the heap only when it collects all of it,
/// which a daemon that waits may not do for days: so it is asked to, once, when nothing was asked for a while.
final class IdleMemory implements AutoCloseable {
    private final LongSupplier requests;
    private final Duration idle;
    private final Runnable collect;
    private final Thread thread = Thread.ofVirtual().name("idle-memory").unstarted(this::watch);

    /// @param requests how many there have been
    /// @param idle how long there must have been none
    IdleMemory(LongSupplier requests, Duration idle, Runnable collect) {
        this.requests = requests;
        this.idle = idle;
        this.collect = collect;
    }

    void begin() {
        thread.start();
    }

    private void watch() {
        long seen = 0;
        boolean collected = false;
        try {
            while (true) {
                Thread.sleep(idle);
                long now = requests.getAsLong();
                if (now != seen) {
                    seen = now;
                    collected = false;
                } else if (!collected) {
                    collect.run();
                    collected = true;
                }
            }
        } catch (InterruptedException _) {
            // The daemon ends.
        }
    }

    @Override public void close() {
        thread.interrupt();
    }
}
