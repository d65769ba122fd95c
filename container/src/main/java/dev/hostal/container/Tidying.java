package dev.hostal.container;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// Takes away a moment later what containers shared and none needs any more: the next one mostly comes sooner, and
/// would have to make it all again.
final class Tidying implements AutoCloseable {
    /// Chosen: longer than it takes to start one container after another, too short to be noticed as left behind.
    private static final Duration DELAY = Duration.ofMillis(500);

    /// What is to be done; asked for again after a failure by whoever comes next.
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    private final Task task;
    private final AtomicBoolean pending = new AtomicBoolean();
    private volatile boolean closed;

    Tidying(Task task) {
        this.task = task;
    }

    void soon() {
        if (closed || !pending.compareAndSet(false, true)) return;
        Thread.ofVirtual().name("container-tidying").start(() -> {
            try {
                Thread.sleep(DELAY);
                pending.set(false);
                if (!closed) task.run();
            } catch (IOException e) {
                System.getLogger(Tidying.class.getName()).log(System.Logger.Level.WARNING, "container.untidy", e);
            } catch (InterruptedException _) {
                // Nobody interrupts this thread; if somebody does, it ends.
            }
        });
    }

    @Override public void close() {
        closed = true;
    }
}
