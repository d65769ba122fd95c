package dev.hostal.daemon;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.daemon.http.EngineSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The engine, made while the socket listens already: opening the store and finding machines again takes time that
/// a client may spend connecting.
final class LateEngine implements EngineSource {
    /// How long a request waits for it. Chosen: finding twenty machines takes seconds.
    private static final Duration WAIT_MAX = Duration.ofMinutes(1);

    private final CompletableFuture<Engine> engine = new CompletableFuture<>();

    void set(Engine made) {
        engine.complete(made);
    }

    void fail(Throwable cause) {
        engine.completeExceptionally(cause);
    }

    @Override public Engine get() throws InterruptedException {
        try {
            return engine.get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Problem(ErrorCode.BUSY, """
                    The daemon is still looking for its machines after a restart.
                    Maybe try again in a minute.""", e);
        } catch (ExecutionException e) {
            throw new Problem(ErrorCode.INTERNAL, "The daemon could not start and is ending: %s"
                    .formatted(e.getCause().getMessage()), e.getCause());
        }
    }
}
