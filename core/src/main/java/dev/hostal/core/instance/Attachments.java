package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Clients that attached before the start and wait for the program, and the door to the one that runs.
final class Attachments {
    /// Clients that may wait for one start. Chosen.
    private static final int WAITING_MAX = 16;

    private final boolean tty;
    /// Whoever holds it has the instance's machine: a start, or somebody who copies files while it does not run.
    private final Semaphore alone = new Semaphore(1);
    /// Both are guarded by this object's monitor.
    private final List<AttachedProcess> waiting = new ArrayList<>();
    private Optional<RunningMachine> open = Optional.empty();

    Attachments(boolean tty) {
        this.tty = tty;
    }

    Semaphore alone() {
        return alone;
    }

    /// A client's end of the program that runs, or of the one that the next start runs.
    AttachedProcess attach(Deadline deadline) throws IOException, InterruptedException {
        var process = new AttachedProcess(tty);
        RunningMachine machine;
        synchronized (this) {
            if (open.isEmpty()) {
                waiting.removeIf(each -> each.drained().isDone());
                if (waiting.size() == WAITING_MAX) throw new Problem(ErrorCode.BUSY,
                        "%d clients wait for the program already.".formatted(WAITING_MAX));
                waiting.add(process);
                return process;
            }
            machine = open.get();
        }
        machine.attach(process, deadline);
        return process;
    }

    /// Joins those who wait to the program that is about to run; from now on others are joined at once.
    ///
    /// @return whether somebody waited
    boolean bindAll(RunningMachine machine, Deadline deadline) throws IOException, InterruptedException {
        boolean any = false;
        while (true) {
            List<AttachedProcess> batch;
            synchronized (this) {
                batch = List.copyOf(waiting);
                waiting.clear();
                if (batch.isEmpty()) {
                    open = Optional.of(machine);
                    return any;
                }
            }
            for (var process : batch) {
                if (process.drained().isDone()) continue;
                machine.attach(process, deadline);
                any = true;
            }
        }
    }

    /// The machine was found running: there is nobody to be held for.
    synchronized void open(RunningMachine machine) {
        open = Optional.of(machine);
    }

    /// The machine is gone; who attaches now waits for the next start.
    synchronized void close() {
        open = Optional.empty();
    }

    /// There will be no program for those who wait.
    void failAll(String why) {
        List<AttachedProcess> batch;
        synchronized (this) {
            batch = List.copyOf(waiting);
            waiting.clear();
        }
        batch.forEach(process -> process.fail(new IOException(why)));
    }
}
