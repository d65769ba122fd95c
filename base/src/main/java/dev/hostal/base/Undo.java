package dev.hostal.base;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// Runs what was added, last first, unless [#commit] was called before the block ends.
public final class Undo implements AutoCloseable {
    /// What takes one step back. May be run twice.
    @FunctionalInterface
    public interface Step {
        void run() throws IOException;
    }

    private final Deque<Step> steps = new ArrayDeque<>();

    public void add(Step step) {
        steps.push(step);
    }

    public void commit() {
        steps.clear();
    }

    @Override public void close() throws IOException {
        var failures = new IOException("undoing failed");
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (IOException | RuntimeException e) {
                failures.addSuppressed(e);      // the other steps are still undone
            }
        }
        if (failures.getSuppressed().length > 0) throw failures;
    }
}
