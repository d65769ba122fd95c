package dev.hostal.store;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/// The newest revision, and whoever waits for a newer one.
final class Newest {
    private long revision;
    private boolean closed;

    Newest(long revision) {
        this.revision = revision;
    }

    synchronized void advance(long newer) {
        revision = Math.max(revision, newer);
        notifyAll();
    }

    synchronized void wake() {
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /// Waits while the newest revision is the given one and the waiter has not given up.
    ///
    /// @throws IOException the store is closed
    synchronized long await(long known, BooleanSupplier givenUp) throws IOException, InterruptedException {
        while (revision <= known && !closed && !givenUp.getAsBoolean()) {
            wait();
        }
        if (closed) throw closed();
        return revision;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    static IOException closed() {
        return new IOException("the store is closed");
    }
}
