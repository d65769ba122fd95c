package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Change;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Phase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The care that is taken of one instance: starts it again when its policy says so, and keeps what is known of its
/// health. For the owner's thread only.
final class Attendant {
    private final Standing standing;
    private final Node node;
    private final InstanceState state;
    /// The restart for which a thread waits.
    private Optional<Instant> awaited = Optional.empty();
    private Health health = Health.NEW;

    Attendant(Standing standing) {
        this.standing = standing;
        node = standing.node();
        state = standing.state();
    }

    /// A daemon starts and finds the instance as it is.
    void found() {
        if (!isDown()) return;
        var record = state.record();
        var course = Restarts.found(record.spec().care().restartPolicy(), record.course(), record.startedAt().isPresent(),
                node.clock().instant());
        if (course.equals(record.course())) return;
        try {
            state.note(course, List.of());
        } catch (Problem notJournalled) {
            node.log().warn("instance.restart", "instance", record.spec().name(), "because", notJournalled);
        }
    }

    /// After every message: sees to it that a restart comes when it is due.
    void look() {
        var due = state.record().course().due();
        if (due.isEmpty() || due.equals(awaited) || !isDown() || standing.work().isPresent()) return;
        await(due.get(), Duration.between(node.clock().instant(), due.get()));
    }

    void restart(Instant due) {
        awaited = Optional.empty();
        var course = state.record().course();
        if (!course.due().equals(Optional.of(due)) || !isDown() || standing.work().isPresent()) return;
        if (state.past().turn().isPresent()) {
            standing.time().mend();
            await(due, node.limits().briefMax());
            return;
        }
        try {
            state.intend(new LifeEvent.Start(), Optional.empty(), List.of(), Restarts.started(course));
            standing.start(List.of());
        } catch (Problem notJournalled) {
            node.log().warn("instance.restart", "instance", state.record().spec().name(), "because", notJournalled);
            await(due, node.limits().briefMax());
        }
    }

    void tested(Message.Tested test) {
        if (standing.machine().filter(test.machine()::equals).isEmpty()) return;
        if (test.passed().isEmpty()) {
            // One that an earlier daemon tested goes on as it was known.
            health = new Health(state.record().course().health().orElse(Health.STARTING), 0);
        } else {
            var started = state.record().startedAt().orElse(Instant.EPOCH);
            boolean early = node.clock().instant().isBefore(started.plus(test.check().usedStartPeriod()));
            health = health.after(test.passed().get(), early, test.check().usedRetries());
        }
        var word = Optional.of(health.word());
        if (state.record().course().health().equals(word)) return;
        try {
            state.note(state.record().course().with(word), List.of());
            node.events().publish("instance.health", state.record().id().value(),
                    Map.of("name", state.record().spec().name().value(), "health", health.word()));
        } catch (Problem notJournalled) {
            node.log().warn("instance.health", "instance", state.record().spec().name(), "because", notJournalled);
        }
    }

    /// Journals the change first: a machine that starts meanwhile, or is found by the next daemon, has it by its spec.
    ///
    /// @throws Problem it stays as it is
    Instance change(Change change) {
        if (state.phase() instanceof Phase.Deleting) throw standing.refusal("update", "is being deleted");
        if (change.isOfMachine() && standing.work().isPresent()) {
            throw standing.refusal("update", "is " + state.phase().word());
        }
        boolean sized = change.cpus().isPresent() || change.memory().isPresent();
        if (sized && state.record().spec().kind() == Kind.VM && state.past().memory().isPresent()) {
            throw standing.refusal("update", "is suspended and goes on with the CPUs and the memory that it had");
        }
        var before = state.record().spec();
        state.respec(changed(before, change));
        var running = standing.machine();
        if (running.isEmpty() || !change.isOfMachine()) return state.view();
        try {
            running.get().machine().limit(change);
        } catch (IOException e) {
            state.respec(before);
            throw new Problem(ErrorCode.DRIVER_FAILED, "The limits could not be changed: " + e.getMessage(), e);
        } catch (Problem e) {
            state.respec(before);
            throw e;
        }
        return state.view();
    }

    private static InstanceSpec changed(InstanceSpec before, Change change) {
        try {
            return change.of(before);
        } catch (IllegalArgumentException e) {
            throw new Problem(ErrorCode.BAD_REQUEST, "It cannot be changed so: %s.".formatted(e.getMessage()), e);
        }
    }

    private boolean isDown() {
        return state.phase() instanceof Phase.Stopped || state.phase() instanceof Phase.Failed;
    }

    private void await(Instant due, Duration time) {
        awaited = Optional.of(due);
        Thread.ofVirtual().name("restart-" + state.record().spec().name()).start(() -> {
            try {
                Thread.sleep(time.isNegative() ? Duration.ZERO : time);
                standing.post(new Message.RestartDue(due));
            } catch (InterruptedException _) {
                // Nobody interrupts it; an inbox that nobody reads takes the message, too.
            }
        });
    }
}
