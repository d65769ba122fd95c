package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Limits;
import dev.hostal.core.Operation;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Journal.Kept;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Change;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Nic;
import dev.hostal.model.Phase;
import dev.hostal.model.PluggedNic;
import dev.hostal.spi.GuestProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Owns one instance: every request and every outcome about it arrives here, one at a time.
public final class InstanceOwner {
    /// How long a request waits to be admitted. Chosen: admission is one write to the store.
    private static final Duration ADMISSION_MAX = Duration.ofSeconds(30);
    /// How long those who want to talk to a machine wait until the new daemon has found it. Chosen: twenty are found in
    /// half a second on a quiet host.
    private static final Duration ADOPTION_MAX = Duration.ofSeconds(20);
    private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

    private final Node node;
    private final InstanceState state;
    private final Attachments attachments;
    private final Standing standing;
    private final Consumer<InstanceOwner> onGone;
    private final BlockingQueue<Message> inbox = new ArrayBlockingQueue<>(Limits.INBOX_MAX);
    private final Thread thread;

    /// @param known its driver knows something of it
    /// @param underWay operations that an earlier daemon did not end, in the order in which they were asked for
    public InstanceOwner(Node node, Kept<InstanceRecord> kept, boolean known, List<Task> underWay,
            Consumer<InstanceOwner> onGone) {
        this.node = node;
        this.onGone = onGone;
        state = new InstanceState(node, kept);
        attachments = new Attachments(kept.record().spec().process().tty());
        standing = new Standing(node, state, attachments, this::post);
        thread = Thread.ofVirtual().name("instance-" + kept.record().spec().name())
                .unstarted(() -> run(known, underWay));
    }

    public void begin() {
        thread.start();
    }

    public InstanceId id() {
        return state.view().id();
    }

    public Instance view() {
        return state.view();
    }

    public boolean isGone() {
        return state.isGone();
    }

    /// @throws Problem refused, and nothing was changed
    public Operation ask(Request.OfInstance request) {
        var answer = new CompletableFuture<Operation>();
        return answered(new Message.Asked(request, answer), answer);
    }

    /// @throws Problem it keeps its name
    public Instance rename(InstanceName name) {
        var answer = new CompletableFuture<Instance>();
        return answered(new Message.RenameAsked(name, answer), answer);
    }

    /// @throws Problem it stays as it is
    Instance update(Change change) {
        var answer = new CompletableFuture<Instance>();
        return answered(new Message.ChangeAsked(change, answer), answer);
    }

    /// @throws Problem its NICs stay as they are
    PluggedNic attachNic(Nic nic) {
        awaitFound();
        var answer = new CompletableFuture<PluggedNic>();
        return answered(new Message.AttachAsked(nic, answer), answer);
    }

    /// @throws Problem its NICs stay as they are
    PluggedNic detachNic(String which) {
        awaitFound();
        var answer = new CompletableFuture<PluggedNic>();
        return answered(new Message.DetachAsked(which, answer), answer);
    }

    /// The machine, for those who want to talk to it. Just after a start of the daemon it may still be looked for: that is
    /// waited for, because whoever asks cannot know that the daemon is a new one.
    ///
    /// @throws Problem WRONG_PHASE, GUEST_NOT_READY
    RunningMachine running() {
        awaitFound();
        return standing.machine().orElseThrow(() -> {
            var view = view();
            return switch (view.phase().word()) {
                case "running", "paused" -> new Problem(ErrorCode.GUEST_NOT_READY,
                        "Instance %s runs, but its machine cannot be reached yet.\nMaybe try again in a moment."
                                .formatted(view.name()));
                default -> new Problem(ErrorCode.WRONG_PHASE,
                        "Instance %s is %s, not running.".formatted(view.name(), view.phase().word()));
            };
        });
    }

    private void awaitFound() {
        var found = Deadline.in(ADOPTION_MAX);
        while (standing.isRecovering() && !found.isPast() && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    Semaphore alone() {
        return attachments.alone();
    }

    Optional<RunningMachine> runningNow() {
        return standing.machine();
    }

    GuestProcess attach(Deadline deadline) throws IOException, InterruptedException {
        var view = view();
        switch (view.phase().word()) {
            case "stopping", "deleting" -> throw new Problem(ErrorCode.WRONG_PHASE,
                    "Instance %s is %s.".formatted(view.name(), view.phase().word()));
            case "running", "paused" -> running();
            default -> { /* The next start holds the output for it. */ }
        }
        return attachments.attach(deadline);
    }

    /// Waits until it is on its way up no longer.
    Optional<Phase> awaitStarted(Deadline deadline) throws InterruptedException {
        return state.awaitStarted(deadline);
    }

    /// Why its last start failed, where it did.
    Optional<Problem> lastProblem() {
        return standing.lastProblem();
    }

    /// Whether it is an instance of somebody, and does not wait in a pool.
    boolean isShown() {
        return state.past().pool().isEmpty();
    }

    /// The driver's machine, where it runs and can be reached.
    Optional<RunningMachine> machine() {
        return standing.machine();
    }

    /// What is remembered of it now; any thread may look.
    InstanceRecord record() {
        return state.record();
    }

    public Optional<ExitStatus> waitForExit(Deadline deadline) throws InterruptedException {
        return state.waitForExit(deadline);
    }

    /// Asks a running guest for its addresses; called now and then.
    void refreshAddresses() throws InterruptedException {
        var running = standing.machine();
        if (running.isEmpty()) return;
        try {
            if (running.get().refreshAddresses(Deadline.in(node.limits().briefMax()))) state.observe(running.get());
        } catch (IOException | Problem _) {
            // A guest that does not answer now keeps the addresses that it had; its end is seen elsewhere.
        }
    }

    /// Lets go of everything; the machine runs on.
    public void close() {
        thread.interrupt();
        standing.close();
        attachments.failAll("The daemon is ending.");
        state.close();
    }

    private void run(boolean known, List<Task> underWay) {
        var conduct = new Conduct(standing);
        try {
            conduct.recover(known, underWay);
            while (!state.isGone()) {
                conduct.handle(inbox.take());
            }
            onGone.accept(this);
        } catch (InterruptedException _) {
            // The daemon ends; what is under way is in the journal.
        } catch (Throwable bug) {
            // The top of the thread. Without its owner the instance takes no requests until the next start.
            node.log().error("instance.owner", bug, "instance", state.view().name());
        } finally {
            refuseTheRest();
        }
    }

    private <T> T answered(Message message, CompletableFuture<T> answer) {
        if (!inbox.offer(message)) throw new Problem(ErrorCode.BUSY,
                "%d requests wait for instance %s already.".formatted(Limits.INBOX_MAX, view().name()));
        if (!thread.isAlive()) refuseTheRest();
        try {
            return answer.get(ADMISSION_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Problem problem) throw problem;
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new Problem(ErrorCode.TIMED_OUT, ("Instance %s did not take the request within %d seconds; it may "
                    + "still be done.").formatted(view().name(), ADMISSION_MAX.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(ErrorCode.TIMED_OUT, "The wait for instance %s was interrupted; the request may still be "
                    + "done.".formatted(view().name()), e);
        }
    }

    /// Outcomes must arrive, whatever became of the thread that brings them.
    private void post(Message message) {
        boolean interrupted = false;
        while (true) {
            try {
                inbox.put(message);
                break;
            } catch (InterruptedException _) {
                interrupted = true;
                if (node.journal().isClosed()) break;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private void refuseTheRest() {
        for (var message = inbox.poll(); message != null; message = inbox.poll()) {
            if (message instanceof Message.Asked(_, var answer)) answer.completeExceptionally(notHere());
            if (message instanceof Message.ChangeAsked(_, var answer)) answer.completeExceptionally(notHere());
            if (message instanceof Message.AttachAsked(_, var answer)) answer.completeExceptionally(notHere());
            if (message instanceof Message.DetachAsked(_, var answer)) answer.completeExceptionally(notHere());
            if (message instanceof Message.RenameAsked(_, var answer)) answer.completeExceptionally(notHere());
        }
    }

    private Problem notHere() {
        var name = view().name();
        return state.isGone()
                ? new Problem(ErrorCode.INSTANCE_NOT_FOUND, "There is no instance %s any more.".formatted(name))
                : new Problem(ErrorCode.INTERNAL,
                        "Instance %s takes no requests now.\nMaybe restart the daemon.".formatted(name));
    }
}
