package dev.hostal.image;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hostal.base.Cause;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// Lets whoever asks for the same thing at the same time wait for one piece of work. The work runs on a thread of its
/// own, tells all who wait how far it is, and is interrupted when the last of them has gone.
final class Flights<K, V> {
    interface Work<V> {
        V run(Progress progress, Deadline deadline) throws IOException, InterruptedException;
    }

    private static final class Flight<V> implements Progress {
        final CompletableFuture<V> outcome = new CompletableFuture<>();
        final List<Progress> listeners = new CopyOnWriteArrayList<>();
        Thread worker = Thread.currentThread();
        int waiting;
        boolean abandoned;

        volatile String stage = "";

        /// Whoever comes late is told at once what is happening.
        void join(Progress progress) {
            waiting++;
            listeners.add(progress);
            if (!stage.isEmpty()) progress.report(stage);
        }

        @Override public void report(String now, long done, long total) {
            stage = now;
            listeners.forEach(listener -> listener.report(now, done, total));
        }

        @Override public void part(String name, String now, long done, long total) {
            listeners.forEach(listener -> listener.part(name, now, done, total));
        }
    }

    private final Map<K, Flight<V>> flights = new HashMap<>();

    /// What the work gives, whoever began it.
    ///
    /// @throws Problem TIMED_OUT at the caller's deadline; otherwise what the work throws
    V join(K key, Work<V> work, Progress progress, Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            boolean mine;
            Flight<V> flight;
            synchronized (flights) {
                mine = !flights.containsKey(key);
                flight = mine ? new Flight<>() : flights.get(key);
                flight.join(progress);
                if (mine) begin(key, flight, work, deadline);
            }
            try {
                return flight.outcome.get(deadline.millisLeft(), MILLISECONDS);
            } catch (TimeoutException e) {
                throw new Problem(ErrorCode.TIMED_OUT, "Time ran out while waiting for %s.".formatted(key), e);
            } catch (ExecutionException e) {
                // Somebody else's work may have ended only because they had less time, or went away.
                boolean again = !mine && !deadline.isPast() && (flight.abandoned || isTimeout(e.getCause()));
                if (!again) throw Cause.again(e.getCause());
            } finally {
                leave(flight, progress);
            }
        }
    }

    private void begin(K key, Flight<V> flight, Work<V> work, Deadline deadline) {
        flights.put(key, flight);
        flight.worker = Thread.ofVirtual().name("images-" + key).start(() -> {
            try {
                var value = work.run(flight, deadline);
                end(key);
                flight.outcome.complete(value);
            } catch (IOException | InterruptedException | RuntimeException | Error e) {
                end(key);
                flight.outcome.completeExceptionally(e);
            }
        });
    }

    // Before the outcome is known: whoever asks after that begins anew.
    private void end(K key) {
        synchronized (flights) {
            flights.remove(key);
        }
    }

    private void leave(Flight<V> flight, Progress progress) {
        synchronized (flights) {
            flight.listeners.remove(progress);
            if (--flight.waiting == 0 && !flight.outcome.isDone()) {
                flight.abandoned = true;
                flight.worker.interrupt();
            }
        }
    }

    private static boolean isTimeout(Throwable cause) {
        return cause instanceof Problem problem && problem.code() == ErrorCode.TIMED_OUT;
    }
}
