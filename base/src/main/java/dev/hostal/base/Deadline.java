package dev.hostal.base;

import static dev.hostal.base.Check.require;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// A moment after which nobody waits any more. Made where a request enters and handed down; measured by
/// the monotonic clock, so that a change of the wall clock neither ends nor prolongs a wait.
public final class Deadline {
    private final long atNanos;

    private Deadline(long atNanos) {
        this.atNanos = atNanos;
    }

    /// @param wait from now; positive
    public static Deadline in(Duration wait) {
        require(!wait.isNegative(), "a deadline lies ahead, not at %s", wait);
        return new Deadline(System.nanoTime() + wait.toNanos());
    }

    public boolean isPast() {
        return nanosLeft() <= 0;
    }

    /// Milliseconds left, at least 0.
    public long millisLeft() {
        return Math.max(0, Math.ceilDiv(nanosLeft(), 1_000_000L));
    }

    public Duration left() {
        return Duration.ofNanos(Math.max(0, nanosLeft()));
    }

    /// This deadline, or the given wait from now where that is sooner.
    public Deadline orIn(Duration wait) {
        var other = in(wait);
        return other.atNanos - atNanos < 0 ? other : this;
    }

    /// @throws TimeoutException the deadline is past; the message names what was being done
    public void check(String doing) throws TimeoutException {
        if (isPast()) throw new TimeoutException("time ran out while " + doing);
    }

    private long nanosLeft() {
        return atNanos - System.nanoTime();
    }
}
