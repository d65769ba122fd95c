package dev.hostal.core.instance;

import static dev.hostal.base.Check.check;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.instance.Acts.Ending;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.Request.OfInstance;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.core.operation.Task;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.Phase;
import dev.hostal.store.Store.Write;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// What an instance's owner does with each message: admits requests, begins work, and journals what came of it.
/// For the owner's thread only, but for [#machine].
final class Conduct {
    /// Operations that may wait for, or end with, one work: their ends are written in one transaction. Chosen.
    private static final int WAITING_MAX = 16;

    private final Node node;
    private final InstanceState state;
    private final Attachments attachments;
    private final Consumer<Message> post;
    private final Deque<Task> waiting = new ArrayDeque<>();
    /// Written by the owner; the end of the daemon looks at it.
    private volatile Optional<Work> work = Optional.empty();
    private volatile Optional<RunningMachine> machine = Optional.empty();

    Conduct(Node node, InstanceState state, Attachments attachments, Consumer<Message> post) {
        this.node = node;
        this.state = state;
        this.attachments = attachments;
        this.post = post;
    }

    /// The machine that runs and can be reached; any thread may ask.
    Optional<RunningMachine> machine() {
        return machine;
    }

    void close() {
        work.ifPresent(Work::abandon);
        machine.ifPresent(RunningMachine::close);
    }

    /// Starting is recovering: goes on with whatever an earlier daemon left.
    void recover(boolean known, List<Task> underWay) throws InterruptedException {
        var driving = new ArrayList<Task>();
        for (var task : underWay) {
            task.onCancel(() -> post.accept(new Message.CancelAsked(task)));
            if (state.record().operation().filter(task.id()::equals).isPresent()) {
                driving.add(task);
            } else if (task.request() instanceof Request.Kill kill && !kill.endsMachine()) {
                end(node.operations().fail(task, new Problem(ErrorCode.INTERNAL, ("The daemon was restarted; whether signal %s "
                        + "was sent before is not known.").formatted(kill.signal()))));
            } else {
                waiting.add(task);
            }
        }
        var acts = acts();
        switch (state.phase()) {
            case Phase.Starting _ -> start(driving);
            case Phase.Deleting _ -> delete(driving);
            case Phase.Running _, Phase.Paused _, Phase.Stopping _ -> begin(Activity.RECOVER, driving, _ -> acts.recover());
            case Phase.Stopped _, Phase.Failed _ -> {
                waiting.addAll(driving);
                if (known) begin(Activity.RECOVER, List.of(), _ -> acts.ensureStopped());
            }
        }
        goOn();
    }

    void handle(Message message) throws InterruptedException {
        switch (message) {
            case Message.Asked(var request, var answer) -> admit(request, answer);
            case Message.RenameAsked(var name, var answer) -> answer(answer, () -> {
                if (state.phase() instanceof Phase.Deleting) throw refusal("rename", "is being deleted");
                state.rename(state.record().spec().named(name));
                return state.view();
            });
            case Message.CancelAsked(var task) -> cancel(task);
            case Message.Worked(var done, var outcome) -> {
                check(work.filter(done::equals).isPresent(), "an outcome belongs to the work under way");
                work = Optional.empty();
                if (node.journal().isClosed()) throw new InterruptedException("the daemon ends");
                settle(done, outcome);
            }
            case Message.Wake _ -> { /* Looked at below. */ }
            case Message.LookAgain _ -> lookAgain();
        }
        if (!state.isGone()) goOn();
    }

    // ---- requests

    private void admit(OfInstance request, CompletableFuture<Operation> answer) {
        answer(answer, () -> switch (admission(request)) {
            case Admission.AlreadySo _ -> node.operations().alreadySo(request, state.record().id().value());
            case Admission.Refused(var why) -> throw refusal(request.word(), why);
            case Admission.Begin(var activity) -> {
                var task = draft(request);
                begin(activity, task, true);
                yield task.picture();
            }
            case Admission.Join _ -> join(accept(request));
            case Admission.Later _ -> later(accept(request));
            case Admission.LaterHastened _ -> {
                var operation = later(accept(request));
                work.ifPresent(Work::hasten);
                yield operation;
            }
        });
    }

    private Admission admission(OfInstance request) {
        return Admission.of(state.phase(), work.map(Work::activity).orElse(Activity.NONE), request);
    }

    private Task draft(OfInstance request) {
        var task = node.operations().draft(request, state.record().id().value());
        task.onCancel(() -> post.accept(new Message.CancelAsked(task)));
        return task;
    }

    /// Journals an operation that waits for something.
    private Task accept(OfInstance request) {
        int joined = work.map(under -> under.tasks().size()).orElse(0);
        if (waiting.size() >= WAITING_MAX || joined >= WAITING_MAX) throw new Problem(ErrorCode.BUSY,
                "%d operations wait for instance %s already.".formatted(WAITING_MAX, state.record().spec().name()));
        var task = draft(request);
        node.journal().write(List.of(), List.of(Journal.put(task.record())));
        node.operations().publish(task);
        return task;
    }

    private Operation join(Task task) {
        var under = work.orElseThrow();
        under.tasks().add(task);
        if (under.activity() == Activity.STOP) hastenIn(under, patienceOf(task.request()));
        return task.picture();
    }

    private Operation later(Task task) {
        task.report("waiting");
        waiting.add(task);
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

    private void cancel(Task task) throws InterruptedException {
        var cancelled = new Problem(ErrorCode.CANCELLED, "The %s of instance %s was cancelled before it was done."
                .formatted(task.request() instanceof OfInstance request ? request.word() : "work", state.record().spec().name()));
        if (waiting.remove(task)) {
            end(node.operations().fail(task, cancelled));
            return;
        }
        var start = work.filter(under -> under.activity() == Activity.START && under.tasks().contains(task));
        if (start.isEmpty()) return;
        if (start.get().tasks().size() == 1) {
            start.get().hasten();
        } else {
            start.get().tasks().remove(task);
            end(node.operations().fail(task, cancelled));
        }
    }

    // ---- work

    /// Journals the intention, then lets it be done.
    ///
    /// @param fresh the operation is not journalled yet
    /// @throws Problem nothing was begun
    private void begin(Activity activity, Task task, boolean fresh) {
        if (activity == Activity.BRIEF && machine.isEmpty()) throw refusal(task.request().word(), "cannot be reached now");
        List<Write> more = fresh ? List.of(Journal.put(task.record())) : List.of();
        var driver = Optional.of(task.id());
        switch (activity) {
            case START -> state.intend(new LifeEvent.Start(), driver, more);
            case STOP -> state.intend(new LifeEvent.Stop(), driver, more);
            case DELETE -> state.intend(new LifeEvent.Delete(), driver, more);
            case BRIEF -> {
                if (fresh) node.journal().write(List.of(), more);
            }
            case NONE, RECOVER -> throw new IllegalStateException("nobody asks for " + activity);
        }
        node.operations().publish(task);
        switch (activity) {
            case START -> start(List.of(task));
            case STOP -> stop(List.of(task), endingOf(task.request()));
            case DELETE -> delete(List.of(task));
            case BRIEF -> begin(Activity.BRIEF, List.of(task), new BriefAct(node, machine.orElseThrow(), task.request()));
            case NONE, RECOVER -> throw new IllegalStateException("nobody asks for " + activity);
        }
    }

    private void start(List<Task> tasks) {
        begin(Activity.START, tasks, new StartAct(node, state.record(), attachments));
    }

    private void stop(List<Task> tasks, Ending ending) {
        var acts = acts();
        var running = machine;
        begin(Activity.STOP, tasks, under -> acts.stop(under, running, ending));
    }

    private void delete(List<Task> tasks) {
        attachments.failAll("The instance was deleted.");
        var acts = acts();
        var running = machine;
        begin(Activity.DELETE, tasks, _ -> acts.delete(running));
    }

    private void begin(Activity activity, List<Task> tasks, Work.Act act) {
        var begun = new Work(activity, tasks);
        work = Optional.of(begun);
        begun.start(activity.name().toLowerCase(Locale.ROOT) + "-" + state.record().spec().name(), act,
                (done, outcome) -> post.accept(new Message.Worked(done, outcome)));
    }

    private void lookAgain() {
        if (work.isPresent() || machine.isPresent()) return;
        if (!(state.phase() instanceof Phase.Running || state.phase() instanceof Phase.Paused)) return;
        var acts = acts();
        begin(Activity.RECOVER, List.of(), _ -> acts.recover());
    }

    // ---- outcomes

    private void settle(Work done, Outcome outcome) throws InterruptedException {
        switch (done.activity()) {
            case START -> settleStart(done, outcome);
            case STOP -> settleStop(done, outcome);
            case BRIEF -> settleBrief(done, outcome);
            case DELETE -> settleDelete(done, outcome);
            case RECOVER -> settleRecovery(done, outcome);
            case NONE -> throw new IllegalStateException("no work has no outcome");
        }
    }

    private void settleStart(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Up(var running) -> {
                watch(running);
                state.happened(List.of(new LifeEvent.Up()), succeeded(done.tasks()), machine);
            }
            case Outcome.GivenUp _ -> failStart(done, new LifeEvent.StartGivenUp(), new Problem(ErrorCode.CANCELLED,
                    "The start of instance %s was given up; it is stopped.".formatted(state.record().spec().name())));
            case Outcome.Failed(var problem) ->
                    failStart(done, new LifeEvent.StartFailed(problem.getMessage()), problem);
            case Outcome.Adopted _, Outcome.Gone _, Outcome.Leftover _, Outcome.Unreachable _, Outcome.Done _ ->
                    throw unexpected(done, outcome);
        }
    }

    private void failStart(Work done, LifeEvent event, Problem problem) throws InterruptedException {
        attachments.failAll(problem.getMessage());
        ended(List.of(event), failed(done.tasks(), problem));
    }

    private void settleStop(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Gone(var exit) -> stopped(done, endOf(exit));
            case Outcome.Leftover(var reason) -> stopped(done, new LifeEvent.Vanished(reason));
            case Outcome.Failed(var problem) -> {
                if (machine.filter(RunningMachine::isMainEnded).isPresent()) {
                    letGo();
                    ended(List.of(new LifeEvent.Vanished("Its program has ended, but its machine has not: "
                            + problem.getMessage())), failed(done.tasks(), problem));
                } else {
                    state.happened(List.of(new LifeEvent.StopFailed()), failed(done.tasks(), problem), machine);
                }
            }
            case Outcome.GivenUp _ -> { /* The daemon ends. */ }
            case Outcome.Up _, Outcome.Adopted _, Outcome.Unreachable _, Outcome.Done _ -> throw unexpected(done, outcome);
        }
    }

    private void stopped(Work done, LifeEvent event) throws InterruptedException {
        letGo();
        var restarts = done.tasks().stream().filter(task -> task.request() instanceof Request.Restart).toList();
        var others = done.tasks().stream().filter(task -> !restarts.contains(task)).toList();
        if (restarts.isEmpty()) {
            ended(List.of(event), succeeded(others));
            return;
        }
        state.happened(List.of(event), succeeded(others), machine);
        restarts.forEach(waiting::addFirst);
    }

    private LifeEvent endOf(Optional<ExitStatus> exit) {
        return exit.<LifeEvent>map(LifeEvent.Ended::new).orElse(new LifeEvent.Vanished(
                "The machine ended without a word: it was killed, or it crashed. Maybe its console tells more."));
    }

    private void settleBrief(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Done _ -> {
                var endings = succeeded(done.tasks());
                switch (done.tasks().getFirst().request()) {
                    case Request.Pause _ -> state.happened(List.of(new LifeEvent.Pause()), endings, machine);
                    case Request.Resume _ -> state.happened(List.of(new LifeEvent.Resume()), endings, machine);
                    default -> end(endings);
                }
            }
            case Outcome.Failed(var problem) -> end(failed(done.tasks(), problem));
            case Outcome.GivenUp _ -> { /* The daemon ends. */ }
            case Outcome.Up _, Outcome.Adopted _, Outcome.Gone _, Outcome.Leftover _, Outcome.Unreachable _ ->
                    throw unexpected(done, outcome);
        }
    }

    private void settleDelete(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Done _ -> {
                letGo();
                var meanwhile = new Problem(ErrorCode.INSTANCE_NOT_FOUND, "Instance %s was deleted meanwhile."
                        .formatted(state.record().spec().name()));
                state.vanish(Stream.concat(succeeded(done.tasks()).stream(),
                        failed(List.copyOf(waiting), meanwhile).stream()).toList());
            }
            case Outcome.Failed(var problem) -> {
                letGo();
                state.happened(List.of(new LifeEvent.DeleteFailed("It could not be deleted, and something of it is left: %s"
                        .formatted(problem.getMessage()))), failed(done.tasks(), problem), machine);
            }
            case Outcome.GivenUp _ -> { /* The daemon ends. */ }
            case Outcome.Up _, Outcome.Adopted _, Outcome.Gone _, Outcome.Leftover _, Outcome.Unreachable _ ->
                    throw unexpected(done, outcome);
        }
    }

    private void settleRecovery(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Adopted(var running, var paused) -> adopt(done, running, paused);
            case Outcome.Gone(var exit) -> stopped(done, state.phase() instanceof Phase.Stopping
                    ? new LifeEvent.Ended(exit.orElse(ExitStatus.KILLED)) : endOf(exit));
            case Outcome.Unreachable(var reason) -> unreachable(done, reason);
            case Outcome.Leftover(var reason) -> node.log().warn("instance.leftover", "instance",
                    state.record().spec().name(), "because", reason);
            case Outcome.Failed(var problem) -> unreachable(done, problem.getMessage());
            case Outcome.Done _, Outcome.GivenUp _ -> { /* Nothing was there; or the daemon ends. */ }
            case Outcome.Up _ -> throw unexpected(done, outcome);
        }
    }

    private void adopt(Work done, RunningMachine running, boolean paused) throws InterruptedException {
        watch(running);
        attachments.open(running);
        state.observe(running);
        node.log().info("instance.adopted", "instance", state.record().spec().name(), "id", state.record().id().brief());
        if (state.phase() instanceof Phase.Stopping) {
            stop(done.tasks(), done.tasks().isEmpty() ? powerOff() : endingOf(done.tasks().getFirst().request()));
        } else if (paused != state.phase() instanceof Phase.Paused) {
            state.happened(List.of(paused ? new LifeEvent.Pause() : new LifeEvent.Resume()), List.of(), machine);
        }
    }

    private void unreachable(Work done, String reason) {
        node.log().warn("instance.unreachable", "instance", state.record().spec().name(), "because", reason);
        switch (state.phase()) {
            // It was to end anyway.
            case Phase.Stopping _ -> stop(done.tasks(), Ending.KILL);
            case Phase.Running _, Phase.Paused _ -> lookAgainLater();
            case Phase.Stopped _, Phase.Failed _, Phase.Starting _, Phase.Deleting _ -> { /* Nothing to be reached. */ }
        }
    }

    private void lookAgainLater() {
        Thread.ofVirtual().name("look-again").start(() -> {
            try {
                Thread.sleep(node.limits().briefMax());
                post.accept(new Message.LookAgain());
            } catch (InterruptedException _) {
                // Nobody interrupts it; an inbox that nobody reads takes the message, too.
            }
        });
    }

    // ---- what follows by itself

    /// After every message: sees to the end of the program, then to those who wait.
    private void goOn() throws InterruptedException {
        if (work.isEmpty() && machine.filter(RunningMachine::isMainEnded).isPresent()) mainEnded(machine.orElseThrow());
        for (var task : List.copyOf(waiting)) {
            reconsider(task);
        }
    }

    private void mainEnded(RunningMachine running) throws InterruptedException {
        var exit = running.exit();
        if (exit.isPresent() && state.record().spec().autoRemove()) {
            ended(List.of(new LifeEvent.Ended(exit.get())), List.of());
        } else {
            state.happened(List.of(new LifeEvent.Stop()), List.of(), machine);
            stop(List.of(), powerOff());
        }
    }

    /// A run, or an attempt at one, is over: the instance stays, or goes with it.
    private void ended(List<LifeEvent> events, List<OperationTable.Ending> endings) throws InterruptedException {
        if (!state.record().spec().autoRemove()) {
            state.happened(events, endings, Optional.empty());
            return;
        }
        var all = new ArrayList<>(events);
        all.add(new LifeEvent.Delete());
        state.happened(all, endings, Optional.empty());
        delete(List.of());
    }

    private void reconsider(Task task) throws InterruptedException {
        var request = (OfInstance) task.request();
        var admission = admission(request);
        if (admission instanceof Admission.Later) return;
        if (admission instanceof Admission.LaterHastened) {
            work.ifPresent(Work::hasten);
            return;
        }
        waiting.remove(task);
        switch (admission) {
            case Admission.AlreadySo _ -> end(node.operations().succeed(task));
            case Admission.Refused(var why) -> end(node.operations().fail(task, refusal(request.word(), why)));
            case Admission.Join _ -> join(task);
            case Admission.Begin(var activity) -> {
                try {
                    begin(activity, task, false);
                } catch (Problem problem) {
                    end(node.operations().fail(task, problem));
                }
            }
            case Admission.Later _, Admission.LaterHastened _ -> throw new IllegalStateException("seen above");
        }
    }

    // ---- small things

    private Acts acts() {
        return new Acts(node, state.record());
    }

    private Ending powerOff() {
        return new Ending(false, node.limits().powerOffMax());
    }

    private static Ending endingOf(Request request) {
        return new Ending(true, patienceOf(request));
    }

    private static Duration patienceOf(Request request) {
        return switch (request) {
            case Request.Stop(var timeout) -> timeout;
            case Request.Restart(var timeout) -> timeout;
            default -> Duration.ZERO;
        };
    }

    private void watch(RunningMachine running) {
        machine = Optional.of(running);
        running.watch(state.record().spec().name().value(), () -> post.accept(new Message.Wake()));
    }

    private void letGo() {
        attachments.close();
        machine.ifPresent(RunningMachine::close);
        machine = Optional.empty();
    }

    private List<OperationTable.Ending> succeeded(List<Task> tasks) {
        return tasks.stream().map(node.operations()::succeed).toList();
    }

    private List<OperationTable.Ending> failed(List<Task> tasks, Problem problem) {
        return tasks.stream().map(task -> node.operations().fail(task, problem)).toList();
    }

    private void end(OperationTable.Ending ending) throws InterruptedException {
        end(List.of(ending));
    }

    private void end(List<OperationTable.Ending> endings) throws InterruptedException {
        var writes = endings.stream().flatMap(ending -> ending.writes().stream()).toList();
        node.journal().writeForSure(List.of(), writes);
        endings.forEach(node.operations()::end);
    }

    private Problem refusal(String word, String why) {
        return new Problem(ErrorCode.WRONG_PHASE, "Instance %s %s; %s is not possible now."
                .formatted(state.record().spec().name(), why, word));
    }

    private static IllegalStateException unexpected(Work done, Outcome outcome) {
        return new IllegalStateException("%s does not end with %s".formatted(done.activity(), outcome));
    }

    private interface Answer<T> {
        T get();
    }

    private static <T> void answer(CompletableFuture<T> future, Answer<T> answer) {
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
}
