package dev.hostal.core.operation;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.core.journal.Journal;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Work that takes long and belongs to no instance, each on a thread of its own.
public final class Jobs {
    /// What is done on the thread.
    @FunctionalInterface
    public interface Job {
        void run() throws IOException, InterruptedException;
    }

    /// What is to be done when a job has failed.
    @FunctionalInterface
    public interface Rescue {
        void run(Problem problem) throws InterruptedException;
    }

    private final Journal journal;
    private final StateLog log;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    public Jobs(Journal journal, StateLog log) {
        this.journal = journal;
        this.log = log;
    }

    /// Runs a job on a thread of its own, which a cancellation of its operation interrupts.
    public void begin(String name, Task task, Job job, Rescue rescue) {
        var thread = thread(name, () -> run(task, job, rescue));
        thread.start();
        task.onCancel(thread::interrupt);
    }

    /// Runs what nobody waits for; a failure is written to the log.
    public void chore(String name, Job job) {
        thread(name, () -> {
            try {
                job.run();
            } catch (InterruptedException _) {
                // The daemon ends; the next one does it.
            } catch (IOException | RuntimeException e) {
                log.warn("chore.failed", "chore", name, "because", e);
            } catch (Throwable bug) {
                log.error("chore.thread", bug, "chore", name);
            }
        }).start();
    }

    /// Leaves everything as it is: the next daemon goes on.
    public void close() {
        threads.forEach(Thread::interrupt);
    }

    private Thread thread(String name, Runnable body) {
        var thread = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                body.run();
            } finally {
                threads.remove(Thread.currentThread());
            }
        });
        threads.add(thread);
        return thread;
    }

    private void run(Task task, Job job, Rescue rescue) {
        try {
            try {
                job.run();
            } catch (InterruptedException _) {
                if (journal.isClosed()) return;
                // From here on it is too late to cancel.
                task.onCancel(() -> {});
                rescue.run(new Problem(ErrorCode.CANCELLED, "The %s was cancelled; nothing is left of it."
                        .formatted(task.request().word())));
            } catch (Problem problem) {
                rescue.run(problem);
            } catch (IOException e) {
                rescue.run(new Problem(ErrorCode.DRIVER_FAILED, String.valueOf(e.getMessage()), e));
            } catch (RuntimeException bug) {
                log.error("operation.bug", bug, "operation", task.id());
                rescue.run(new Problem(ErrorCode.INTERNAL, "A bug of ours: " + bug, bug));
            }
        } catch (InterruptedException _) {
            // The daemon ends; the next one goes on.
        } catch (Throwable bug) {
            log.error("operation.thread", bug, "operation", task.id());
        }
    }
}
