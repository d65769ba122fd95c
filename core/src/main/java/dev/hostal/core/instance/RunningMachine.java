package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.Guest;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.TimeUnit;

/// A machine that runs for an instance, watched until its end. Any thread may ask.
final class RunningMachine {
    /// Pause before a driver is asked again for the end of a machine. Chosen.
    private static final Duration UNWATCHED_PAUSE = Duration.ofSeconds(1);

    private final Machine machine;
    private final MachineLogs logs;
    private final StateLog log;
    private final Set<AttachedProcess> attached = ConcurrentHashMap.newKeySet();
    /// How the program ended; empty where the machine ended without a word.
    private final CompletableFuture<Optional<ExitStatus>> mainEnd = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final TestLog tests = new TestLog();
    private volatile List<String> addresses = List.of();
    private volatile boolean endExpected;
    private volatile Optional<Thread> watcher = Optional.empty();

    RunningMachine(Machine machine, MachineLogs logs, StateLog log) {
        this.machine = machine;
        this.logs = logs;
        this.log = log;
    }

    Machine machine() {
        return machine;
    }

    TestLog tests() {
        return tests;
    }

    Guest guest() {
        return machine.guest();
    }

    List<String> addresses() {
        return addresses;
    }

    /// Begins to watch.
    ///
    /// @param wake is run at the end of the program, and at the end of the machine
    void watch(String name, Runnable wake) {
        watcher = Optional.of(Thread.ofVirtual().name("watch-" + name).start(() -> {
            try {
                mainEnd.complete(waitForMain());
                wake.run();
                waitForEnd();
                end.complete(null);
                wake.run();
            } catch (InterruptedException _) {
                // Let go of: the machine runs on.
            } catch (RuntimeException | Error bug) {
                log.error("machine.watch", bug, "machine", machine.id().brief());
            }
        }));
    }

    void attach(AttachedProcess process, Deadline deadline) throws IOException, InterruptedException {
        attached.removeIf(each -> each.drained().isDone());
        attached.add(process);
        boolean done = false;
        try {
            process.bind(guest().attachMain(deadline));
            mainEnd.thenAccept(told -> told.ifPresent(process::ended));
            done = true;
        } finally {
            if (!done) attached.remove(process);
        }
    }

    /// The same, where a guest that does not tell now is asked another time.
    void tryToRefreshAddresses(Deadline deadline) throws InterruptedException {
        try {
            refreshAddresses(deadline);
        } catch (IOException | Problem e) {
            log.warn("guest.addresses", "machine", machine.id().brief(), "because", e);
        }
    }

    /// @return whether something changed
    boolean refreshAddresses(Deadline deadline) throws IOException, InterruptedException {
        var now = List.copyOf(guest().addresses(deadline));
        boolean changed = !now.equals(addresses);
        addresses = now;
        return changed;
    }

    boolean isMainEnded() {
        return mainEnd.isDone();
    }

    boolean isEnded() {
        return end.isDone();
    }

    /// The machine is about to be ended: that its guest falls silent is no news.
    void expectEnd() {
        endExpected = true;
    }

    /// How the program ended, as far as it has and somebody could tell.
    Optional<ExitStatus> exit() {
        return mainEnd.getNow(Optional.empty());
    }

    /// @return whether the machine has ended in time; ends early, too, when hastened
    boolean awaitEnd(Duration time, CompletableFuture<Void> hastened) throws InterruptedException {
        return await(CompletableFuture.anyOf(end, hastened), time) && end.isDone();
    }

    boolean awaitEnd(Duration time) throws InterruptedException {
        return await(end, time);
    }

    /// Waits until every client has read its program's output to the end or has gone, not for ever.
    void awaitDrained(Duration time) throws InterruptedException {
        var all = attached.stream().map(AttachedProcess::drained).toArray(CompletableFuture<?>[]::new);
        await(CompletableFuture.allOf(all), time);
    }

    /// Lets go; the machine runs on if it runs.
    void close() {
        watcher.ifPresent(Thread::interrupt);
        machine.close();
    }

    private Optional<ExitStatus> waitForMain() throws InterruptedException {
        try {
            guest().waitForMain();
            var told = guest().mainExit();
            if (told.isPresent()) return told;
        } catch (IOException | Problem e) {
            // Without its agent a guest can still run; only the end of the machine is sure.
            if (!endExpected) log.warn("guest.lost", "machine", machine.id().brief(), "because", e);
        }
        waitForEnd();
        try {
            return logs.lastExit();
        } catch (IOException e) {
            log.warn("guest.exit-unknown", "machine", machine.id().brief(), "because", e);
            return Optional.empty();
        }
    }

    /// A driver that cannot say whether the machine has ended is asked again.
    private void waitForEnd() throws InterruptedException {
        while (true) {
            try {
                machine.waitForEnd();
                return;
            } catch (IOException | Problem e) {
                log.warn("machine.unwatched", "machine", machine.id().brief(), "because", e);
                Thread.sleep(UNWATCHED_PAUSE);
            }
        }
    }

    private static boolean await(CompletableFuture<?> future, Duration time) throws InterruptedException {
        try {
            future.get(Math.max(1, time.toMillis()), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an end is not a failure", e);
        }
    }
}
