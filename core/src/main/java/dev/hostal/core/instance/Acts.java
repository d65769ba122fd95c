package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Limits;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineDriver;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// What a [Work] does to stop, delete or find a machine. Each can be done again after a crash.
final class Acts {
    /// How a machine is to end.
    ///
    /// @param asks the guest is asked first; otherwise it is on its way down already
    /// @param patience before it is killed
    /// @param signal that asks; empty: as its spec or its image says
    record Ending(boolean asks, Duration patience, Optional<String> signal) {
        static final Ending KILL = new Ending(false, Duration.ZERO, Optional.empty());
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /// How long an adoption waits for what can be asked later, too. Chosen.
    private static final Duration ADDRESSES_MAX = Duration.ofSeconds(2);

    private final Node node;
    private final InstanceRecord record;
    private final MachineDriver driver;

    Acts(Node node, InstanceRecord record) {
        this.node = node;
        this.record = record;
        this.driver = node.driver(record.spec().kind());
    }

    /// Ends the machine, kindly if there is time, and takes its traces away.
    Outcome stop(Work work, Optional<RunningMachine> running, Ending ending) throws IOException, InterruptedException {
        running.ifPresent(RunningMachine::expectEnd);
        boolean killed = running.isEmpty() || end(work, running.get(), ending);
        var exit = running.flatMap(RunningMachine::exit);
        // Taking away ends the connection: who still reads the last output may finish first.
        if (running.isPresent() && !killed) running.get().awaitDrained(node.limits().drainMax());
        if (exit.isEmpty() && (killed || ending.asks)) exit = Optional.of(withoutWord(killed));
        boolean outOfMemory = ranOutOfMemory();
        var left = takeAway(this::end);
        if (left.isPresent() && running.isEmpty()) throw left.get();
        return left.<Outcome>map(e -> new Outcome.Leftover("The machine has ended, but something of it is left: "
                + e.getMessage())).orElse(new Outcome.Gone(exit, outOfMemory));
    }

    /// Removes everything, after those who still read its output have done so.
    Outcome delete(Optional<RunningMachine> running) throws IOException, InterruptedException {
        running.ifPresent(RunningMachine::expectEnd);
        if (running.isPresent() && running.get().isMainEnded()) running.get().awaitDrained(node.limits().drainMax());
        var left = takeAway(this::remove);
        if (left.isPresent()) throw left.get();
        return new Outcome.Done();
    }

    /// Finds out what became of the machine while nobody looked.
    Outcome recover() throws IOException, InterruptedException {
        Optional<Exception> unreachable = Optional.empty();
        for (int attempt = 0; attempt < Limits.TRIES_MAX; attempt++) {
            if (attempt > 0) Thread.sleep(node.limits().retryPause());
            try {
                return find(record.id());
            } catch (IOException | Problem e) {
                unreachable = Optional.of(e);
            }
        }
        return new Outcome.Unreachable(unreachable.map(Exception::getMessage).orElse("it did not answer"));
    }

    /// Takes back what a start has begun.
    ///
    /// @return why it could not be taken back
    Optional<IOException> undoStart() throws InterruptedException {
        return takeAway(this::end);
    }

    /// An instance that does not run: nothing of a machine must be here.
    Outcome ensureStopped() throws IOException, InterruptedException {
        var left = takeAway(this::end);
        return left.<Outcome>map(e -> new Outcome.Leftover(e.getMessage())).orElse(new Outcome.Done());
    }

    private void end() throws IOException, InterruptedException {
        driver.ensureStopped(record.id().brief());
        node.networks().machines().unplug(record.id());
    }

    private void remove() throws IOException, InterruptedException {
        driver.ensureAbsent(record.id().brief());
        node.networks().machines().unplug(record.id());
    }

    private Outcome find(InstanceId id) throws IOException, InterruptedException {
        var found = driver.find(id, Deadline.in(node.limits().briefMax()));
        if (found.isEmpty()) {
            boolean outOfMemory = ranOutOfMemory();
            end();
            return new Outcome.Gone(driver.logs(id).lastExit(), outOfMemory);
        }
        var running = new RunningMachine(found.get(), driver.logs(id), node.log());
        boolean paused = found.get().isPaused();
        if (!paused) running.tryToRefreshAddresses(Deadline.in(ADDRESSES_MAX));
        return new Outcome.Adopted(running, paused);
    }

    /// @return whether it had to be killed
    private boolean end(Work work, RunningMachine running, Ending ending) throws IOException, InterruptedException {
        if (!ending.patience.isZero()) {
            work.report(ending.asks ? "asking the guest to end" : "waiting for the machine to end");
            var asking = Thread.ofVirtual().unstarted(() -> ask(work, running, ending));
            if (ending.asks) asking.start();
            try {
                if (running.awaitEnd(ending.patience, work.hastened())) return false;
            } finally {
                asking.interrupt();
            }
        } else if (running.isEnded()) {
            return false;
        }
        work.report("ending the machine");
        running.machine().kill();
        if (!running.awaitEnd(node.limits().briefMax())) {
            throw new Problem(ErrorCode.DRIVER_FAILED, "The machine was killed and is still there.");
        }
        return true;
    }

    /// Its own, or the image's; empty where neither says anything.
    private Optional<String> stopSignal() throws IOException {
        var own = record.spec().care().stopSignal();
        if (own.isPresent()) return own;
        return node.images().byDigest(record.imageDigest()).map(image -> image.program().stopSignal())
                .filter(word -> !word.isEmpty());
    }

    /// Who cannot tell says no: what is known of the end is more important.
    private boolean ranOutOfMemory() {
        try {
            return driver.ranOutOfMemory(record.id().brief());
        } catch (IOException e) {
            node.log().warn("machine.memory-unknown", "machine", record.id().brief(), "because", e);
            return false;
        }
    }

    /// How a program ended that nobody told of: an init that was asked to power off, and did, has done well.
    private ExitStatus withoutWord(boolean killed) {
        return killed || !record.init() ? ExitStatus.KILLED : new ExitStatus(0);
    }

    private void ask(Work work, RunningMachine running, Ending ending) {
        var deadline = Deadline.in(node.limits().briefMax());
        try {
            if (running.machine().isPaused()) running.machine().resume(deadline);
            var signal = record.init() ? Optional.<String>empty() : ending.signal.isPresent() ? ending.signal : stopSignal();
            if (signal.isPresent()) running.guest().signalMain(signal.get(), deadline);
            else running.guest().shutdown(deadline);
        } catch (IOException | Problem e) {
            node.log().warn("guest.deaf", "machine", record.id().brief(), "because", e);
            work.hasten();
        } catch (InterruptedException _) {
            // It has ended, or is killed: asking is over.
        } catch (RuntimeException | Error bug) {
            node.log().error("guest.ask", bug, "machine", record.id().brief());
            work.hasten();
        }
    }

    /// Tries a few times: what holds a thing is mostly gone a moment later.
    ///
    /// @return why it could not be taken away
    private Optional<IOException> takeAway(Step step) throws InterruptedException {
        Optional<IOException> failure = Optional.empty();
        for (int attempt = 0; attempt < Limits.TRIES_MAX; attempt++) {
            if (attempt > 0) Thread.sleep(node.limits().retryPause().multipliedBy(attempt));
            try {
                step.run();
                return Optional.empty();
            } catch (IOException e) {
                failure = Optional.of(e);
            } catch (Problem e) {
                failure = Optional.of(new IOException(e.getMessage(), e));
            }
        }
        return failure;
    }
}
