package dev.hostal.daemon.http;

import java.util.concurrent.Callable;

/// What becomes true a moment later, and on a busy machine a few moments later.
final class Eventually {
    private static final int TRIES = 2000;

    private Eventually() {}

    static void holds(Callable<Boolean> condition) {
        try {
            for (int i = 0; i < TRIES; i++) {
                if (condition.call()) return;
                Thread.sleep(10);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("it did not become true");
    }
}
