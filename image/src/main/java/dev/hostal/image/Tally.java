package dev.hostal.image;

import dev.hostal.oci.Descriptor;
import dev.hostal.spi.Progress;
import java.util.concurrent.atomic.AtomicLong;

/// Adds up the bytes of several transfers and tells of them, not more often than anybody can read.
final class Tally {
    private static final long INTERVAL_NANOS = 100_000_000;
    /// Digits of a digest that people are shown. Source: docker shows as many.
    private static final int NAME_LENGTH = 12;

    /// Where a tally is told.
    interface Told {
        void so(long done, long total);
    }

    private final long total;
    private final Told told;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong toldAtNanos = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

    private Tally(long total, Told told) {
        this.total = total;
        this.told = told;
    }

    Tally(String stage, long total, Progress progress) {
        this(total, (done, of) -> progress.report(stage, done, of));
    }

    /// Of one blob among several.
    static Tally part(Descriptor blob, String stage, Progress progress) {
        var name = name(blob);
        progress.part(name, stage, 0, blob.size());
        return new Tally(blob.size(), (done, of) -> progress.part(name, stage, done, of));
    }

    /// A blob of which nothing has to be counted.
    static void tell(Descriptor blob, String stage, Progress progress) {
        progress.part(name(blob), stage, 0, 0);
    }

    private static String name(Descriptor blob) {
        return blob.digest().hex().substring(0, NAME_LENGTH);
    }

    /// @param bytes more; fewer where a transfer had to start again
    void add(long bytes) {
        long now = done.addAndGet(bytes);
        long before = toldAtNanos.get();
        boolean due = System.nanoTime() - before >= INTERVAL_NANOS || now == total;
        if (due && toldAtNanos.compareAndSet(before, System.nanoTime())) told.so(now, total);
    }
}
