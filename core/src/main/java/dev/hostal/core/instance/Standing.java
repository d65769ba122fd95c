package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.instance.Acts.Ending;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Phase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// How things stand with one instance: its record, the work under way, who waits, and its machine; and how work
/// is begun. For the owner's thread only, but for [#machine] and [#close].
final class Standing {
    private final Node node;
    private final InstanceState state;
    private final Attachments attachments;
    private final Consumer<Message> post;
    private final Deque<Task> waiting = new ArrayDeque<>();
    private volatile Optional<Problem> lastProblem = Optional.empty();
    private final Deque<Inline> inline = new ArrayDeque<>();
    private final TimeDesk time;
    /// Written by the owner; the end of the daemon looks at it.
    private volatile Optional<Work> work = Optional.empty();
    private volatile Optional<RunningMachine> machine = Optional.empty();
    private volatile Optional<HealthWatch> health = Optional.empty();

    Standing(Node node, InstanceState state, Attachments attachments, Consumer<Message> post) {
        this.node = node;
        this.state = state;
        this.attachments = attachments;
        this.post = post;
        this.time = new TimeDesk(this);
    }

    TimeDesk time() {
        return time;
    }

    Node node() {
        return node;
    }

    InstanceState state() {
        return state;
    }

    Attachments attachments() {
        return attachments;
    }

    /// Operations that wait for the work under way to end, in the order in which they were asked for.
    Deque<Task> waiting() {
        return waiting;
    }

    Optional<Work> work() {
        return work;
    }

    /// Whether what its last daemon left is still being looked at; any thread may ask.
    boolean isRecovering() {
        return machine.isEmpty() && work.filter(under -> under.activity() == Activity.RECOVER).isPresent();
    }

    /// The machine that runs and can be reached; any thread may ask.
    Optional<RunningMachine> machine() {
        return machine;
    }

    void post(Message message) {
        post.accept(message);
    }

    void close() {
        work.ifPresent(Work::abandon);
        health.ifPresent(HealthWatch::close);
        machine.ifPresent(RunningMachine::close);
    }

    // ---- work

    void start(List<Task> tasks) {
        boolean cold = tasks.stream().anyMatch(task -> task.request() instanceof Request.Start(var asked) && asked);
        begin(Activity.START, tasks, new StartAct(node, state.record(), attachments, cold));
    }

    void stop(List<Task> tasks, Ending ending) {
        var acts = acts();
        var running = machine;
        begin(Activity.STOP, tasks, under -> acts.stop(under, running, ending));
    }

    void delete(List<Task> tasks) {
        attachments.failAll("The instance was deleted.");
        var acts = acts();
        var running = machine;
        begin(Activity.DELETE, tasks, _ -> acts.delete(running));
    }

    void begin(Activity activity, List<Task> tasks, Work.Act act) {
        var begun = new Work(activity, tasks);
        work = Optional.of(begun);
        begun.start(activity.name().toLowerCase(Locale.ROOT) + "-" + state.record().spec().name(), act,
                (done, outcome) -> post.accept(new Message.Worked(done, outcome)));
    }

    void workEnded() {
        work = Optional.empty();
    }

    /// What is done for an operation on the owner's thread, as soon as its request was answered.
    @FunctionalInterface
    interface Inline {
        void run() throws InterruptedException;
    }

    void inline(Task task, Inline action) {
        inline.add(() -> {
            try {
                action.run();
            } catch (Problem problem) {
                end(failed(List.of(task), problem));
            }
        });
    }

    void doInline() throws InterruptedException {
        while (!inline.isEmpty()) {
            inline.poll().run();
        }
    }

    // ---- the machine

    void watch(RunningMachine running) {
        machine = Optional.of(running);
        running.watch(state.record().spec().name().value(), () -> post.accept(new Message.Wake()));
        health = Optional.of(new HealthWatch(node, state.record(), running, post));
    }

    void letGo() {
        attachments.close();
        health.ifPresent(HealthWatch::close);
        machine.ifPresent(RunningMachine::close);
        machine = Optional.empty();
    }

    // ---- operations

    List<OperationTable.Ending> succeeded(List<Task> tasks) {
        return tasks.stream().map(node.operations()::succeed).toList();
    }

    /// Why its last start failed; any thread may ask.
    Optional<Problem> lastProblem() {
        return lastProblem;
    }

    void startFailed(Problem problem) {
        lastProblem = Optional.of(problem);
    }

    List<OperationTable.Ending> failed(List<Task> tasks, Problem problem) {
        tasks.forEach(task -> {
            Offspring.release(node.registry(), task.request());
            node.nextFork().settle(node, task.request());
            time.letGo(task);
        });
        return tasks.stream().map(task -> node.operations().fail(task, problem)).toList();
    }

    void end(OperationTable.Ending ending) throws InterruptedException {
        end(List.of(ending));
    }

    void end(List<OperationTable.Ending> endings) throws InterruptedException {
        var writes = endings.stream().flatMap(ending -> ending.writes().stream()).toList();
        node.journal().writeForSure(List.of(), writes);
        endings.forEach(node.operations()::end);
    }

    Problem refusal(Request.OfInstance request, String why) {
        var refusal = refusal(request.word(), why);
        return switch (request) {
            case Request.Delete(var force) when !force -> new Problem(refusal.code(), refusal.getMessage()
                    + "\nMaybe stop it first, or use --force, which ends it and deletes it.");
            case Request.RestoreSnapshot restore when !restore.force() -> new Problem(refusal.code(), refusal.getMessage()
                    + "\nMaybe use --force, which gives up what runs now and what it wrote since.");
            case Request.Fork _, Request.MakePool _ when state.phase() instanceof Phase.Stopped -> new Problem(refusal.code(),
                    refusal.getMessage() + "\nMaybe start it first; 'hostal clone --linked' copies one that does not run.");
            case Request.Fork _, Request.MakePool _ when state.phase() instanceof Phase.Suspended -> new Problem(
                    refusal.code(), refusal.getMessage() + "\nMaybe start it first, which goes on from its memory on disk.");
            default -> refusal;
        };
    }

    Problem refusal(String word, String why) {
        return new Problem(ErrorCode.WRONG_PHASE, "Instance %s %s; %s is not possible now."
                .formatted(state.record().spec().name(), why, word));
    }

    Acts acts() {
        return new Acts(node, state.record());
    }

    Ending powerOff() {
        return new Ending(false, node.limits().powerOffMax(), Optional.empty());
    }

    static Ending endingOf(Request request) {
        return new Ending(true, patienceOf(request), signalOf(request));
    }

    static Duration patienceOf(Request request) {
        return switch (request) {
            case Request.Stop stop -> stop.timeout();
            case Request.Restart restart -> restart.timeout();
            default -> Duration.ZERO;
        };
    }

    private static Optional<String> signalOf(Request request) {
        return switch (request) {
            case Request.Stop stop -> stop.signal();
            case Request.Restart restart -> restart.signal();
            default -> Optional.empty();
        };
    }
}
