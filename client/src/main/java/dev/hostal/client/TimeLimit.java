package dev.hostal.client;

import java.io.IOException;
import java.time.Duration;

/// Closes a connection that is not done in time: a channel's blocking read has no deadline of its own.
final class TimeLimit implements AutoCloseable {
    private final Thread thread;
    private volatile boolean past;

    TimeLimit(HttpConnection connection, Duration limit) {
        this.thread = new Thread(null, () -> {
            try {
                Thread.sleep(limit);
                past = true;
                connection.close();
            } catch (InterruptedException | IOException _) {
                // It was done in time, or is closed already.
            }
        }, "time-limit", 64 << 10);
        thread.setDaemon(true);
        thread.start();
    }

    boolean isPast() {
        return past;
    }

    @Override public void close() {
        thread.interrupt();
    }
}
