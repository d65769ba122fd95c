package dev.hostal.sim;

import static dev.hostal.base.Check.require;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/// Time on a simulated host: passes some times faster than ours, or whatever takes time takes none.
public final class SimTime extends Clock {
    private final Instant start;
    private final long startNanos = System.nanoTime();
    /// 0 where waits take no time; the clock is ours then.
    private final int timesFaster;

    private SimTime(Instant start, int timesFaster) {
        this.start = start;
        this.timesFaster = timesFaster;
    }

    public static SimTime timesFaster(Instant start, int times) {
        require(times > 0, "time passes forwards, not %d times faster", times);
        return new SimTime(start, times);
    }

    /// Nothing waits.
    public static SimTime instant(Instant start) {
        return new SimTime(start, 0);
    }

    public void sleep(Duration time) throws InterruptedException {
        if (timesFaster > 0) Thread.sleep(time.dividedBy(timesFaster));
        else if (Thread.interrupted()) throw new InterruptedException();
    }

    @Override public Instant instant() {
        return start.plusNanos((System.nanoTime() - startNanos) * Math.max(1, timesFaster));
    }

    @Override public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override public Clock withZone(ZoneId zone) {
        return Clock.fixed(instant(), zone);
    }
}
