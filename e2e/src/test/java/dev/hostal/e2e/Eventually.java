package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;

/// Waits for what comes to be by itself.
final class Eventually {
    private static final int SECONDS_MAX = 120;

    interface Condition {
        boolean holds() throws Exception;
    }

    private Eventually() {}

    static void holds(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("it did not come to be within %d seconds", SECONDS_MAX).isLessThan(end);
            Thread.sleep(50);
        }
    }
}
