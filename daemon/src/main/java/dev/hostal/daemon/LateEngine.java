package dev.hostal.daemon;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.daemon.http.EngineSource;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The engine, made while the socket listens already: opening the store and looking at the host takes time that a
/// client may spend connecting.
final class LateEngine implements EngineSource {
    /// How long a request waits for it. Chosen: it takes a second, on a slow disk some more.
    private static final Duration WAIT_MAX = Duration.ofMinutes(1);

    private final CompletableFuture<Wired> made = new CompletableFuture<>();

    void set(Wired wired) {
        made.complete(wired);
    }

    void fail(Throwable cause) {
        made.completeExceptionally(cause);
    }

    @Override public Engine get() throws InterruptedException {
        return await().engine();
    }

    @Override public List<Probe> probes() throws IOException, InterruptedException {
        var wired = await();
        var probes = new ArrayList<>(wired.host().all());
        probes.addAll(wired.engine().probes());
        return probes;
    }

    private Wired await() throws InterruptedException {
        try {
            return made.get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Problem(ErrorCode.BUSY, """
                    The daemon is still starting.
                    Maybe try again in a minute.""", e);
        } catch (ExecutionException e) {
            throw new Problem(ErrorCode.INTERNAL, "The daemon could not start and is ending: %s"
                    .formatted(e.getCause().getMessage()), e.getCause());
        }
    }

    /// Closes what was made, if it was.
    void close() {
        if (made.isDone() && !made.isCompletedExceptionally()) made.join().close();
    }
}
