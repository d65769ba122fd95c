package dev.hostal.core.operation;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.core.journal.Journal;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What goes on for operations beside the owners of instances, on threads of their own. At the end of the daemon all
/// is left as it is: the next one goes on.
public final class Errands {
    /// Does what was asked for, and journals its end.
    @FunctionalInterface
    public interface Errand {
        void run() throws IOException, InterruptedException;
    }

    private final Journal journal;
    private final OperationTable operations;
    private final StateLog log;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    public Errands(Journal journal, OperationTable operations, StateLog log) {
        this.journal = journal;
        this.operations = operations;
        this.log = log;
    }

    /// @param undo what is done where it fails, before its operation is ended
    public void begin(String name, Task task, Errand errand, Runnable undo) {
        var thread = start(name, () -> {
            try {
                errand.run();
            } catch (InterruptedException e) {
                if (journal.isClosed()) throw e;
                fail(task, undo, new Problem(ErrorCode.CANCELLED, "The %s was cancelled before it was done."
                        .formatted(task.request().word())));
            } catch (Problem problem) {
                if (!journal.isClosed()) fail(task, undo, problem);
            } catch (IOException e) {
                if (!journal.isClosed()) fail(task, undo, DriverFailure.of(e));
            } catch (RuntimeException bug) {
                if (!journal.isClosed()) {
                    log.error("operation.bug", bug, "operation", task.id());
                    fail(task, undo, new Problem(ErrorCode.INTERNAL, "A bug of ours: " + bug, bug));
                }
            }
        });
        task.onCancel(thread::interrupt);
    }

    /// Does something that belongs to no operation.
    public Thread start(String name, Errand errand) {
        var thread = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                errand.run();
            } catch (InterruptedException _) {
                // The daemon ends; the next one goes on.
            } catch (Throwable bug) {
                if (!journal.isClosed()) log.error("errand.bug", bug, "thread", name);
            } finally {
                threads.remove(Thread.currentThread());
            }
        });
        threads.add(thread);
        thread.start();
        return thread;
    }

    /// Journals that the operation has done what was asked for.
    public void succeed(Task task) throws InterruptedException {
        task.onCancel(() -> {});
        end(operations.succeed(task));
    }

    public void close() {
        threads.forEach(Thread::interrupt);
    }

    private void fail(Task task, Runnable undo, Problem problem) throws InterruptedException {
        // From here on it is too late to cancel.
        task.onCancel(() -> {});
        undo.run();
        end(operations.fail(task, problem));
    }

    private void end(OperationTable.Ending ending) throws InterruptedException {
        journal.writeForSure(List.of(), ending.writes());
        operations.end(ending);
    }
}
