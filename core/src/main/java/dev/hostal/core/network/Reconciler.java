package dev.hostal.core.network;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.NetworkPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Keeps the host as planned: looks when told that something changed, and every second. What changed is not told.
final class Reconciler {
    /// How often the host is looked at. Chosen: it costs a fraction of a millisecond.
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /// How long a change may take. Chosen: the longest is the installation of a package.
    private static final Duration APPLY_MAX = Duration.ofMinutes(3);

    private final NetworkDriver driver;
    private final Supplier<NetworkPlan> plan;
    private final StateLog log;
    private final Thread thread;
    private long asked;
    private long done;
    private String failure = "";
    private long failedSince;
    private boolean ending;
    private Set<String> made = Set.of();

    Reconciler(NetworkDriver driver, Supplier<NetworkPlan> plan, StateLog log) {
        this.driver = driver;
        this.plan = plan;
        this.log = log;
        thread = Thread.ofVirtual().name("networks").unstarted(this::run);
    }

    void begin() {
        thread.start();
    }

    /// Something changed: the host is looked at soon.
    ///
    /// @return a number for [#await]
    synchronized long ask() {
        asked++;
        notifyAll();
        return asked;
    }

    /// Waits until the host is as it was planned when that number was given out.
    void await(long number, Deadline deadline) throws InterruptedException {
        synchronized (this) {
            while (done < number) {
                if (ending || deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT,
                        "The host's networks were not as wanted in time.\nMaybe the daemon's log tells more.");
                wait(Math.max(1, Math.min(1000, deadline.millisLeft())));
            }
            if (!failure.isEmpty() && failedSince <= number) throw new Problem(ErrorCode.DRIVER_FAILED, failure);
        }
    }

    /// Whether a network's bridge is there.
    synchronized boolean isMade(String network) {
        return made.contains(network);
    }

    /// @param last applied before this ends
    void close(boolean last) throws InterruptedException {
        if (last) {
            try {
                await(ask(), Deadline.in(Duration.ofSeconds(10)));
            } catch (Problem problem) {
                log.warn("network.left", "because", problem.getMessage());
            }
        }
        synchronized (this) {
            ending = true;
            notifyAll();
        }
        thread.join(Duration.ofSeconds(10));
        driver.close();
    }

    private void run() {
        try {
            while (true) {
                long number = awaitTurn();
                if (number < 0) return;
                apply(number);
            }
        } catch (InterruptedException _) {
            // The daemon ends.
        } catch (Throwable bug) {
            log.error("network.bug", bug);
        }
    }

    private synchronized long awaitTurn() throws InterruptedException {
        if (asked == done && !ending) wait(LOOK_EVERY.toMillis());
        return ending ? -1 : asked;
    }

    private void apply(long number) throws InterruptedException {
        var wanted = plan.get();
        try {
            var repaired = driver.apply(wanted, Deadline.in(APPLY_MAX));
            if (!repaired.isEmpty()) log.info("network.repaired", "what", String.join(", ", repaired));
            settle(number, wanted, "");
        } catch (IOException | Problem e) {
            if (isNews(e.getMessage())) log.warn("network.failed", "because", e);
            settle(number, wanted, "The host's networks are not as wanted: " + e.getMessage());
        }
    }

    private synchronized boolean isNews(String message) {
        return !failure.endsWith(String.valueOf(message));
    }

    private synchronized void settle(long number, NetworkPlan wanted, String problem) {
        if (!problem.isEmpty() && failure.isEmpty()) failedSince = number;
        failure = problem;
        if (problem.isEmpty()) {
            made = wanted.networks().stream().map(NetworkPlan.Net::name).collect(Collectors.toUnmodifiableSet());
        }
        done = Math.max(done, number);
        notifyAll();
    }
}
