package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Request.Delete;
import dev.hostal.core.journal.Request.Kill;
import dev.hostal.core.journal.Request.OfInstance;
import dev.hostal.core.journal.Request.Stop;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Course;
import dev.hostal.store.Store.Write;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Requests about one instance, from their admission to the beginning of their work. For the owner's thread only.
final class Requests {
    /// Operations that may wait for, or end with, one work: their ends are written in one transaction. Chosen.
    private static final int WAITING_MAX = 16;

    private final Standing standing;
    private final Node node;
    private final InstanceState state;

    Requests(Standing standing) {
        this.standing = standing;
        this.node = standing.node();
        this.state = standing.state();
    }

    void admit(OfInstance request, CompletableFuture<Operation> answer) throws InterruptedException {
        answer(answer, () -> {
            endRestarts(request);
            return admitted(request);
        });
    }

    private Operation admitted(OfInstance request) {
        return switch (admission(request)) {
            case Admission.AlreadySo _ -> node.operations().alreadySo(request, state.record().id().value());
            case Admission.Refused(var why) -> throw standing.refusal(request, why);
            case Admission.Begin(var activity) -> {
                var task = draft(request);
                begin(activity, task, true);
                yield task.picture();
            }
            case Admission.Join _ -> join(accept(request));
            case Admission.Later _ -> later(accept(request));
            case Admission.LaterHastened _ -> {
                var operation = later(accept(request));
                standing.work().ifPresent(Work::hasten);
                yield operation;
            }
        };
    }

    /// Who wants it to end wants it not to start by its policy either.
    private void endRestarts(OfInstance request) {
        var course = state.record().course();
        if (endsRun(request) && course.due().isPresent()) state.note(course.ended(), List.of());
    }

    private static boolean endsRun(OfInstance request) {
        return switch (request) {
            case Stop _, Delete _ -> true;
            case Kill kill -> kill.endsMachine();
            default -> false;
        };
    }

    /// Signals that ask a program to end: what it does then is not undone by its policy.
    private boolean asksToEnd(String signal) {
        return List.of("TERM", "INT", "QUIT").contains(signal)
                || state.record().spec().care().stopSignal().filter(signal::equals).isPresent();
    }

    /// Looks again at an operation that waits.
    void reconsider(Task task) throws InterruptedException {
        var request = (OfInstance) task.request();
        var admission = admission(request);
        if (admission instanceof Admission.Later) return;
        if (admission instanceof Admission.LaterHastened) {
            standing.work().ifPresent(Work::hasten);
            return;
        }
        standing.waiting().remove(task);
        switch (admission) {
            case Admission.AlreadySo _ -> standing.end(node.operations().succeed(task));
            case Admission.Refused(var why) ->
                    standing.end(standing.failed(List.of(task), standing.refusal(request, why)));
            case Admission.Join _ -> join(task);
            case Admission.Begin(var activity) -> {
                try {
                    begin(activity, task, false);
                } catch (Problem problem) {
                    standing.end(standing.failed(List.of(task), problem));
                }
            }
            case Admission.Later _, Admission.LaterHastened _ -> throw new IllegalStateException("seen above");
        }
    }

    /// Ends an operation that waits, or gives up the start that it is alone with; anything else goes on.
    void cancel(Task task) throws InterruptedException {
        var cancelled = new Problem(ErrorCode.CANCELLED, "The %s of instance %s was cancelled before it was done."
                .formatted(task.request().word(), state.record().spec().name()));
        if (standing.waiting().remove(task)) {
            standing.end(standing.failed(List.of(task), cancelled));
            return;
        }
        var start = standing.work().filter(under -> under.activity() == Activity.START && under.tasks().contains(task));
        if (start.isEmpty()) return;
        if (start.get().tasks().size() == 1) {
            start.get().hasten();
        } else {
            start.get().tasks().remove(task);
            standing.end(node.operations().fail(task, cancelled));
        }
    }

    interface Answer<T> {
        T get() throws InterruptedException;
    }

    static <T> void answer(CompletableFuture<T> future, Answer<T> answer) throws InterruptedException {
        try {
            future.complete(answer.get());
        } catch (Problem problem) {
            future.completeExceptionally(problem);
        } catch (Throwable bug) {
            // The owner's thread ends by it, but nobody is left waiting.
            future.completeExceptionally(bug);
            throw bug;
        }
    }

    private Admission admission(OfInstance request) {
        return Admission.of(state.phase(), standing.work().map(Work::activity).orElse(Activity.NONE), request);
    }

    private Task draft(OfInstance request) {
        var task = node.operations().draft(request, state.record().id().value());
        task.onCancel(() -> standing.post(new Message.CancelAsked(task)));
        return task;
    }

    /// Journals an operation that waits for something.
    private Task accept(OfInstance request) {
        int joined = standing.work().map(under -> under.tasks().size()).orElse(0);
        if (standing.waiting().size() >= WAITING_MAX || joined >= WAITING_MAX) throw new Problem(ErrorCode.BUSY,
                "%d operations wait for instance %s already.".formatted(WAITING_MAX, state.record().spec().name()));
        var task = draft(request);
        node.journal().write(List.of(), List.of(Journal.put(task.record())));
        node.operations().publish(task);
        return task;
    }

    private Operation join(Task task) {
        var under = standing.work().orElseThrow();
        under.tasks().add(task);
        if (under.activity() == Activity.STOP) hastenIn(under, Standing.patienceOf(task.request()));
        return task.picture();
    }

    private Operation later(Task task) {
        task.report("waiting");
        standing.waiting().add(task);
        return task.picture();
    }

    /// A second stop with less patience shortens the first.
    private static void hastenIn(Work stop, Duration patience) {
        if (patience.isZero()) {
            stop.hasten();
            return;
        }
        Thread.ofVirtual().name("hasten").start(() -> {
            try {
                Thread.sleep(patience);
                stop.hasten();
            } catch (InterruptedException _) {
                // Nobody interrupts it; a stop that has ended does not mind.
            }
        });
    }

    /// Journals the intention, then lets it be done.
    ///
    /// @param fresh the operation is not journalled yet
    /// @throws Problem nothing was begun
    private void begin(Activity activity, Task task, boolean fresh) {
        if (activity == Activity.TIME) {
            standing.time().begin(task, fresh);
            return;
        }
        standing.time().check(task.request());
        if (activity == Activity.START && state.past().turn().isPresent()) {
            standing.time().mendFirst(task, fresh);
            return;
        }
        if (activity == Activity.BRIEF && standing.machine().isEmpty()) {
            throw standing.refusal(task.request().word(), "cannot be reached now");
        }
        List<Write> more = fresh ? List.of(Journal.put(task.record())) : List.of();
        var driver = Optional.of(task.id());
        var course = state.record().course();
        switch (activity) {
            case START -> state.intend(new LifeEvent.Start(), driver, more, Course.NEW);
            case STOP -> state.intend(new LifeEvent.Stop(), driver, more, course.ended());
            case DELETE -> state.intend(new LifeEvent.Delete(), driver, more, course.ended());
            case BRIEF -> {
                boolean ends = task.request() instanceof Kill(var signal) && asksToEnd(signal);
                if (ends && state.record().spec().care().restart().isPresent()) state.note(course.ended(), more);
                else if (fresh) node.journal().write(List.of(), more);
            }
            case NONE, RECOVER, TIME -> throw new IllegalStateException("nobody asks for " + activity);
        }
        node.operations().publish(task);
        switch (activity) {
            case START -> standing.start(List.of(task));
            case STOP -> standing.stop(List.of(task), Standing.endingOf(task.request()));
            case DELETE -> standing.delete(List.of(task));
            case BRIEF -> standing.begin(Activity.BRIEF, List.of(task),
                    new BriefAct(node, standing.machine().orElseThrow(), task.request()));
            case NONE, RECOVER, TIME -> throw new IllegalStateException("nobody asks for " + activity);
        }
    }
}
