package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.operation.DriverFailure;
import dev.hostal.core.operation.Task;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/// What is being done for an instance, by a thread of its own. Its outcome goes to the owner, who alone decides
/// what it means.
final class Work implements Progress {
    @FunctionalInterface
    interface Act {
        Outcome run(Work work) throws IOException, InterruptedException;
    }

    private final Activity activity;
    /// Changed by the owner, read by the thread that reports.
    private final List<Task> tasks;
    private final CompletableFuture<Void> hastened = new CompletableFuture<>();
    private volatile Optional<Thread> thread = Optional.empty();

    Work(Activity activity, List<Task> tasks) {
        this.activity = activity;
        this.tasks = new CopyOnWriteArrayList<>(tasks);
    }

    Activity activity() {
        return activity;
    }

    /// The operations that end with this work.
    List<Task> tasks() {
        return tasks;
    }

    void start(String name, Act act, BiConsumer<Work, Outcome> told) {
        var doing = Thread.ofVirtual().name(name).unstarted(() -> told.accept(this, outcomeOf(act)));
        thread = Optional.of(doing);
        doing.start();
    }

    /// Asks for an early end: a start is given up, a stop becomes a kill.
    void hasten() {
        boolean first = hastened.complete(null);
        if (first && activity == Activity.START) thread.ifPresent(Thread::interrupt);
    }

    /// Done when somebody asked for an early end.
    CompletableFuture<Void> hastened() {
        return hastened;
    }

    /// Leaves everything as it is: the daemon ends.
    void abandon() {
        thread.ifPresent(Thread::interrupt);
    }

    @Override public void report(String stage, long done, long total) {
        tasks.forEach(task -> task.report(stage, done, total));
    }

    private Outcome outcomeOf(Act act) {
        try {
            return act.run(this);
        } catch (InterruptedException _) {
            return new Outcome.GivenUp();
        } catch (Problem problem) {
            return new Outcome.Failed(problem);
        } catch (IOException e) {
            return new Outcome.Failed(DriverFailure.of(e));
        } catch (Throwable bug) {
            // The top of a thread: its owner is told of everything.
            return new Outcome.Failed(new Problem(ErrorCode.INTERNAL, "A bug of ours: " + bug, bug));
        }
    }
}
