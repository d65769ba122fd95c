package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Copies;
import dev.hostal.core.Operation;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Task;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Forks several instances at one instant: all of them stand still before the first is copied, and until the last is.
final class Groups {
    /// Pause between two looks at whether all are copied. Chosen: about the time that copying one takes.
    private static final Duration LOOK = Duration.ofMillis(5);

    private final Node node;

    Groups(Node node) {
        this.node = node;
    }

    /// @throws Problem NAME_IN_USE, UNSUPPORTED, WRONG_PHASE: nothing was begun
    Operation begin(List<InstanceId> sources, String suffix, boolean sameIdentity) {
        if (sources.isEmpty() || sources.size() > Copies.FORKS_MAX || sources.stream().distinct().count() < sources.size()) {
            throw Problem.badMember("group", "A group has 1 to %d different instances.".formatted(Copies.FORKS_MAX));
        }
        var owners = sources.stream().map(node.registry()::get).toList();
        owners.forEach(owner -> node.time(owner.record()));
        var request = new Request.ForkGroup(sources,
                owners.stream().filter(owner -> owner.view().phase() instanceof Phase.Running).map(InstanceOwner::id).toList(),
                sources.stream().map(_ -> node.newId()).toList(),
                owners.stream().map(owner -> named(owner.view().name(), suffix)).toList(), sameIdentity);
        var taken = new ArrayList<InstanceName>();
        var names = Offspring.namesOf(request);
        boolean begun = false;
        try {
            names.forEach((name, id) -> {
                node.registry().reserve(name, id);
                taken.add(name);
            });
            var target = owners.stream().map(owner -> owner.view().name().value()).collect(Collectors.joining(","));
            var task = node.operations().draft(request, target);
            node.journal().write(List.of(), List.of(Journal.put(task.record())));
            node.operations().publish(task);
            begun = true;
            goOn(task);
            return task.picture();
        } finally {
            if (!begun) taken.forEach(name -> node.registry().release(name, names.get(name)));
        }
    }

    /// Goes on with one that is journalled: what an earlier daemon has made is left alone.
    void goOn(Task task) {
        var request = (Request.ForkGroup) task.request();
        node.errands().begin("fork-group", task, () -> {
            try {
                task.report("pausing the group");
                for (var id : request.paused()) {
                    await(node.registry().get(id).ask(new Request.Pause()));
                }
                fork(task, request);
            } finally {
                if (!node.journal().isClosed()) request.paused().forEach(this::resume);
            }
            node.errands().succeed(task);
        }, () -> {
            request.ids().forEach(this::remove);
            Offspring.release(node.registry(), request);
        });
    }

    private void fork(Task task, Request.ForkGroup request) throws InterruptedException {
        var forks = new ArrayList<Operation>();
        for (int i = 0; i < request.sources().size(); i++) {
            forks.add(node.registry().get(request.sources().get(i)).ask(new Request.Fork(List.of(request.ids().get(i)),
                    List.of(request.names().get(i)), request.sameIdentity())));
        }
        task.report("copying the group");
        while (!areCopied(request) && forks.stream().noneMatch(fork -> now(fork).status() == Operation.Status.FAILED)) {
            Thread.sleep(LOOK);
        }
        request.paused().forEach(this::resume);
        task.report("starting forks");
        for (var fork : forks) {
            await(fork);
        }
    }

    private boolean areCopied(Request.ForkGroup request) {
        return request.ids().stream().allMatch(id -> node.registry().find(id).isPresent());
    }

    private void await(Operation operation) throws InterruptedException {
        var seen = now(operation);
        while (!seen.status().isFinal()) {
            seen = node.operations().waitForChange(seen, Deadline.in(node.limits().briefMax()));
        }
        if (seen.problem().isPresent()) throw seen.problem().get();
    }

    private Operation now(Operation operation) {
        return node.operations().find(operation.id()).orElse(operation);
    }

    private void resume(InstanceId id) {
        try {
            var owner = node.registry().find(id);
            if (owner.isPresent()) owner.get().ask(new Request.Resume());
        } catch (Problem problem) {
            node.log().warn("fork.resume", "id", id.brief(), "because", problem.getMessage());
        }
    }

    private void remove(InstanceId id) {
        try {
            var owner = node.registry().find(id);
            if (owner.isPresent()) owner.get().ask(new Request.Delete(true));
        } catch (Problem problem) {
            node.log().warn("fork.leftover", "id", id.brief(), "because", problem.getMessage());
        }
    }

    private static InstanceName named(InstanceName source, String suffix) {
        try {
            return new InstanceName(source + "-" + suffix);
        } catch (IllegalArgumentException e) {
            throw Problem.badMember("name", "Not possible: " + e.getMessage() + ".");
        }
    }
}
