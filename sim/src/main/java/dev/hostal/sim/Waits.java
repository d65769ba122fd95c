package dev.hostal.sim;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Waiting for one thing, or for what makes the wait pointless.
final class Waits {
    private Waits() {}

    /// @throws IOException the end came first, by such a failure
    static <T> T either(CompletableFuture<T> wanted, CompletableFuture<Void> end)
            throws IOException, InterruptedException {
        try {
            CompletableFuture.anyOf(wanted, end).get();
            if (wanted.isDone()) return wanted.get();
            throw new IOException("the wait has ended");
        } catch (ExecutionException e) {
            if (wanted.isDone() && !wanted.isCompletedExceptionally()) return wanted.join();
            if (e.getCause() instanceof DaemonKilled killed) throw killed;
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }
}
