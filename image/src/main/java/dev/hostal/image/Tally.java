package dev.hostal.image;

import dev.hostal.spi.Progress;
import java.util.concurrent.atomic.AtomicLong;

/// Adds up the bytes of several transfers and tells of them, not more often than anybody can read.
final class Tally {
    private static final long INTERVAL_NANOS = 100_000_000;

    private final String stage;
    private final long total;
    private final Progress progress;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong toldAtNanos = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

    Tally(String stage, long total, Progress progress) {
        this.stage = stage;
        this.total = total;
        this.progress = progress;
    }

    /// @param bytes more; fewer where a transfer had to start again
    void add(long bytes) {
        long now = done.addAndGet(bytes);
        long told = toldAtNanos.get();
        boolean due = System.nanoTime() - told >= INTERVAL_NANOS || now == total;
        if (due && toldAtNanos.compareAndSet(told, System.nanoTime())) progress.report(stage, now, total);
    }
}
