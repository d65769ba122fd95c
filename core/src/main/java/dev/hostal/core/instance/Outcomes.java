package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.instance.Acts.Ending;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What the outcome of each work means for its instance: journalled first, then shown, then gone on with. For
/// the owner's thread only.
final class Outcomes {
    private final Standing standing;
    private final Node node;
    private final InstanceState state;

    Outcomes(Standing standing) {
        this.standing = standing;
        this.node = standing.node();
        this.state = standing.state();
    }

    void settle(Work done, Outcome outcome) throws InterruptedException {
        switch (done.activity()) {
            case START -> settleStart(done, outcome);
            case STOP -> settleStop(done, outcome);
            case BRIEF -> settleBrief(done, outcome);
            case TIME -> standing.time().settle(done, outcome);
            case DELETE -> settleDelete(done, outcome);
            case RECOVER -> settleRecovery(done, outcome);
            case NONE -> throw new IllegalStateException("no work has no outcome");
        }
    }

    private void settleStart(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Up(var running) -> {
                standing.watch(running);
                var disk = state.past().disk().flatMap(node.points()::disk).filter(each -> !each.made())
                        .map(DiskRecord::seen);
                boolean resumed = state.past().memory().isPresent();
                state.happened(List.of(new LifeEvent.Up()), standing.succeeded(done.tasks()), standing.machine(),
                        state.past(), disk.map(PointRecords::put).stream().toList());
                disk.ifPresent(node.points()::show);
                if (resumed) node.tidy();
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
        standing.startFailed(problem);
        standing.attachments().failAll(problem.getMessage());
        if (state.past().memory().isPresent()) {
            // What it was to go on from is still there.
            state.happened(List.of(new LifeEvent.Suspend()), standing.failed(done.tasks(), problem), Optional.empty());
            return;
        }
        ended(List.of(event), standing.failed(done.tasks(), problem));
    }

    private void settleStop(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Gone(var exit, var outOfMemory) -> {
                state.noteOutOfMemory(outOfMemory);
                stopped(done, endOf(exit));
            }
            case Outcome.Leftover(var reason) -> stopped(done, new LifeEvent.Vanished(reason));
            case Outcome.Failed(var problem) -> {
                if (standing.machine().filter(RunningMachine::isMainEnded).isPresent()) {
                    standing.letGo();
                    ended(List.of(new LifeEvent.Vanished("Its program has ended, but its machine has not: "
                            + problem.getMessage())), standing.failed(done.tasks(), problem));
                } else {
                    state.happened(List.of(new LifeEvent.StopFailed()), standing.failed(done.tasks(), problem),
                            standing.machine());
                }
            }
            case Outcome.GivenUp _ -> { /* The daemon ends. */ }
            case Outcome.Up _, Outcome.Adopted _, Outcome.Unreachable _, Outcome.Done _ ->
                    throw unexpected(done, outcome);
        }
    }

    private void stopped(Work done, LifeEvent event) throws InterruptedException {
        standing.letGo();
        var restarts = done.tasks().stream().filter(task -> task.request() instanceof Request.Restart
                || task.request() instanceof Request.RestoreSnapshot).toList();
        var others = done.tasks().stream().filter(task -> !restarts.contains(task)).toList();
        if (restarts.isEmpty()) {
            ended(List.of(event), standing.succeeded(others));
            return;
        }
        state.happened(List.of(event), standing.succeeded(others), standing.machine());
        restarts.forEach(standing.waiting()::addFirst);
    }

    private LifeEvent endOf(Optional<ExitStatus> exit) {
        return exit.<LifeEvent>map(LifeEvent.Ended::new).orElse(new LifeEvent.Vanished(
                "The machine ended without a word: it was killed, or it crashed.\nMaybe its console tells more."));
    }

    private void settleBrief(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Done _ -> {
                var endings = standing.succeeded(done.tasks());
                var machine = standing.machine();
                switch (done.tasks().getFirst().request()) {
                    case Request.Pause _ -> state.happened(List.of(new LifeEvent.Pause()), endings, machine);
                    case Request.Resume _ -> state.happened(List.of(new LifeEvent.Resume()), endings, machine);
                    default -> standing.end(endings);
                }
            }
            case Outcome.Failed(var problem) -> standing.end(standing.failed(done.tasks(), problem));
            case Outcome.GivenUp _ -> { /* The daemon ends. */ }
            case Outcome.Up _, Outcome.Adopted _, Outcome.Gone _, Outcome.Leftover _, Outcome.Unreachable _ ->
                    throw unexpected(done, outcome);
        }
    }

    private void settleDelete(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Done _ -> {
                standing.letGo();
                var meanwhile = new Problem(ErrorCode.INSTANCE_NOT_FOUND, "Instance %s was deleted meanwhile."
                        .formatted(state.record().spec().name()));
                state.vanish(Stream.concat(standing.succeeded(done.tasks()).stream(),
                        standing.failed(List.copyOf(standing.waiting()), meanwhile).stream()).toList());
            }
            case Outcome.Failed(var problem) -> {
                standing.letGo();
                var reason = "It could not be deleted, and something of it is left: " + problem.getMessage();
                state.happened(List.of(new LifeEvent.DeleteFailed(reason)), standing.failed(done.tasks(), problem),
                        standing.machine());
            }
            case Outcome.GivenUp _ -> { /* The daemon ends. */ }
            case Outcome.Up _, Outcome.Adopted _, Outcome.Gone _, Outcome.Leftover _, Outcome.Unreachable _ ->
                    throw unexpected(done, outcome);
        }
    }

    private void settleRecovery(Work done, Outcome outcome) throws InterruptedException {
        switch (outcome) {
            case Outcome.Adopted(var running, var paused) -> adopt(done, running, paused);
            case Outcome.Gone(var exit, var outOfMemory) -> {
                state.noteOutOfMemory(outOfMemory);
                stopped(done, state.phase() instanceof Phase.Stopping
                        ? new LifeEvent.Ended(exit.orElse(ExitStatus.KILLED)) : endOf(exit));
            }
            case Outcome.Unreachable(var reason) -> unreachable(done, reason);
            case Outcome.Leftover(var reason) -> node.log().warn("instance.leftover", "instance",
                    state.record().spec().name(), "because", reason);
            case Outcome.Failed(var problem) -> unreachable(done, problem.getMessage());
            case Outcome.Done _, Outcome.GivenUp _ -> { /* Nothing was there; or the daemon ends. */ }
            case Outcome.Up _ -> throw unexpected(done, outcome);
        }
    }

    private void adopt(Work done, RunningMachine running, boolean paused) throws InterruptedException {
        standing.watch(running);
        standing.attachments().open(running);
        state.observe(running);
        var record = state.record();
        node.log().info("instance.adopted", "instance", record.spec().name(), "id", record.id().brief());
        if (!paused) new Wiring(standing).found(running);
        if (state.phase() instanceof Phase.Stopping) {
            standing.stop(done.tasks(), done.tasks().isEmpty() ? standing.powerOff()
                    : Standing.endingOf(done.tasks().getFirst().request()));
        } else if (paused && state.past().turn().isPresent() && state.phase() instanceof Phase.Running) {
            // It stands still for a turn that was cut off, and runs on when that is mended.
            return;
        } else if (paused != state.phase() instanceof Phase.Paused) {
            var event = paused ? new LifeEvent.Pause() : new LifeEvent.Resume();
            state.happened(List.of(event), List.of(), standing.machine());
        }
    }

    private void unreachable(Work done, String reason) {
        node.log().warn("instance.unreachable", "instance", state.record().spec().name(), "because", reason);
        switch (state.phase()) {
            // It was to end anyway.
            case Phase.Stopping _ -> standing.stop(done.tasks(), Ending.KILL);
            case Phase.Running _, Phase.Paused _ -> lookAgainLater();
            case Phase.Stopped _, Phase.Failed _, Phase.Suspended _, Phase.Starting _, Phase.Deleting _ -> { /* Nothing to be reached. */ }
        }
    }

    /// The program has ended by itself; its machine is on its way down, or gone.
    void mainEnded(RunningMachine running) throws InterruptedException {
        var exit = running.exit();
        if (exit.isPresent() && state.record().spec().autoRemove()) {
            ended(List.of(new LifeEvent.Ended(exit.get())), List.of());
        } else {
            state.happened(List.of(new LifeEvent.Stop()), List.of(), standing.machine());
            standing.stop(List.of(), standing.powerOff());
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
        standing.delete(List.of());
    }

    private void lookAgainLater() {
        Thread.ofVirtual().name("look-again").start(() -> {
            try {
                Thread.sleep(node.limits().briefMax());
                standing.post(new Message.LookAgain());
            } catch (InterruptedException _) {
                // Nobody interrupts it; an inbox that nobody reads takes the message, too.
            }
        });
    }

    private static IllegalStateException unexpected(Work done, Outcome outcome) {
        return new IllegalStateException("%s does not end with %s".formatted(done.activity(), outcome));
    }
}
