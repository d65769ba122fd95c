package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.instance.Offspring.Child;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.PoolRecord;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Phase;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Keeps pools full: one thread for each starts forks of its checkpoint, pauses them, and replaces those that were
/// taken or have ended. An instance waits in a pool exactly as long as its record says so.
public final class Reserves {
    /// Between two looks at a pool that is not full, and at one that is. Chosen.
    private static final Duration SOON = Duration.ofMillis(10);
    private static final Duration LATER = Duration.ofSeconds(1);

    private final Set<InstanceId> claimed = ConcurrentHashMap.newKeySet();
    private final Map<InstanceName, Semaphore> pokes = new ConcurrentHashMap<>();
    private final Map<InstanceName, Problem> failures = new ConcurrentHashMap<>();

    /// Goes on with the pools that an earlier daemon kept; forks of pools that are no more go.
    void begin(Node node) {
        node.points().pools().forEach(pool -> fill(node, pool.name()));
        node.registry().owners().stream().filter(owner -> owner.record().past().pool()
                .filter(pool -> node.points().pool(pool).isEmpty()).isPresent()).forEach(owner -> remove(node, owner));
    }

    /// Ends the operation when the pool is full; a pool whose forks do not start is removed again.
    void fillFor(Node node, Task task, InstanceName name) {
        fill(node, name);
        node.errands().begin("pool-" + name, task, () -> {
            while (true) {
                var pool = node.points().pool(name).orElseThrow(() -> notFound(name));
                int waiting = waiting(node, name);
                task.report("starting forks", waiting, pool.ready());
                if (waiting >= pool.ready()) break;
                var failure = failures.get(name);
                if (failure != null) throw failure;
                Thread.sleep(SOON);
            }
            node.errands().succeed(task);
        }, () -> {
            forget(node, name);
            members(node, name).forEach(owner -> remove(node, owner));
        });
    }

    void deleteFor(Node node, Task task, InstanceName name) {
        node.errands().begin("pool-delete-" + name, task, () -> {
            forget(node, name);
            for (var members = members(node, name); !members.isEmpty(); members = members(node, name)) {
                task.report("ending forks", 0, members.size());
                members.forEach(owner -> remove(node, owner));
                Thread.sleep(SOON);
            }
            node.errands().succeed(task);
            node.tidy();
        }, () -> {});
    }

    /// Forks that could be taken now.
    int waiting(Node node, InstanceName name) {
        return (int) members(node, name).stream().filter(this::isReady).count();
    }

    /// @param name of the instance from now on
    Instance take(Node node, PoolRecord pool, InstanceName name, Deadline deadline)
            throws IOException, InterruptedException {
        // One that is claimed in vain is replaced meanwhile, and the pool has one too many.
        node.registry().requireFree(name);
        var owner = claim(node, pool, deadline);
        var before = owner.view().name();
        boolean reserved = false;
        try {
            node.registry().reserve(name, owner.id());
            reserved = true;
            await(node, owner.ask(new Request.Resume()), deadline);
            var record = owner.record();
            var named = record.with(record.spec().named(name));
            var spec = new StartAct(node, named).spec(Progress.NONE, node.networks().machines().plug(named).nics());
            node.time(record).host(record.spec().kind()).renew(spec, deadline);
            // From here on it waits no longer, whatever dies.
            var taken = owner.rename(name);
            node.registry().release(before, owner.id());
            count(node, pool.name());
            return taken;
        } catch (Problem | IOException e) {
            if (reserved) {
                node.registry().release(name, owner.id());
                remove(node, owner);
            }
            throw e;
        } finally {
            claimed.remove(owner.id());
            poke(pool.name());
        }
    }

    static Problem notFound(InstanceName name) {
        return new Problem(ErrorCode.POOL_NOT_FOUND, "There is no pool %s.".formatted(name));
    }

    private InstanceOwner claim(Node node, PoolRecord pool, Deadline deadline) throws InterruptedException {
        while (true) {
            for (var owner : members(node, pool.name())) {
                if (isReady(owner) && claimed.add(owner.id())) return owner;
            }
            if (deadline.isPast() || node.points().pool(pool.name()).isEmpty()) throw new Problem(ErrorCode.BUSY,
                    "No fork of pool %s is ready.%s".formatted(pool.name(), Optional.ofNullable(failures.get(pool.name()))
                            .map(problem -> "\n" + problem.getMessage()).orElse("\nMaybe try again in a moment.")));
            poke(pool.name());
            Thread.sleep(SOON);
        }
    }

    private void count(Node node, InstanceName name) {
        synchronized (pokes) {
            node.points().pool(name).map(PoolRecord::takenOnce).ifPresent(pool -> {
                node.journal().write(List.of(), List.of(PointRecords.put(pool)));
                node.points().show(pool);
            });
        }
    }

    private void forget(Node node, InstanceName name) {
        synchronized (pokes) {
            node.journal().write(List.of(), List.of(PointRecords.deletePool(name)));
            node.points().forgetPool(name);
        }
        poke(name);
    }

    private void fill(Node node, InstanceName name) {
        var poke = new Semaphore(0);
        if (pokes.putIfAbsent(name, poke) != null) return;
        node.errands().start("pool-" + name, () -> {
            try {
                for (var pool = node.points().pool(name); pool.isPresent(); pool = node.points().pool(name)) {
                    boolean full = look(node, pool.get());
                    if (poke.tryAcquire((full ? LATER : SOON).toMillis(), TimeUnit.MILLISECONDS)) poke.drainPermits();
                }
                end(node, name);
            } finally {
                pokes.remove(name);
                failures.remove(name);
            }
            if (node.points().pool(name).isPresent()) fill(node, name);
        });
    }

    /// Of a pool that is no more, whatever ended it, nothing waits: who fills it is the last to make one.
    private void end(Node node, InstanceName name) throws InterruptedException {
        while (node.points().pool(name).isEmpty()) {
            var left = members(node, name).stream().filter(owner -> !claimed.contains(owner.id())).toList();
            if (left.isEmpty()) return;
            left.forEach(owner -> remove(node, owner));
            Thread.sleep(node.limits().retryPause());
        }
    }

    /// @return whether nothing is to be done
    private boolean look(Node node, PoolRecord pool) throws InterruptedException {
        int alive = 0;
        boolean failed = false;
        for (var owner : members(node, pool.name())) {
            if (claimed.contains(owner.id())) continue;
            switch (owner.view().phase()) {
                case Phase.Running _ -> {
                    ask(node, owner, new Request.Pause());
                    alive++;
                }
                case Phase.Starting _, Phase.Paused _ -> alive++;
                case Phase.Stopped _, Phase.Failed _, Phase.Suspended _ -> {
                    owner.lastProblem().ifPresent(problem -> failures.put(pool.name(), problem));
                    failed = owner.lastProblem().isPresent();
                    remove(node, owner);
                }
                case Phase.Stopping _, Phase.Deleting _ -> { /* On its way. */ }
            }
        }
        // What fails at once is not tried at once again.
        if (failed) Thread.sleep(node.limits().retryPause());
        var children = new ArrayList<Child>();
        for (int i = alive; i < pool.ready(); i++) {
            children.add(child(node, pool));
        }
        if (!children.isEmpty()) new Offspring(node).raise(children, List.of());
        boolean full = waiting(node, pool.name()) >= pool.ready();
        if (full) failures.remove(pool.name());
        return full;
    }

    private static Child child(Node node, PoolRecord pool) {
        var id = node.newId();
        var name = new InstanceName(pool.name().value().substring(0, Math.min(40, pool.name().value().length())) + "-"
                + id.brief());
        node.registry().reserve(name, id);
        var disk = node.points().disk(pool.disk()).orElseThrow().overlay(node.points().newDisk());
        var past = Past.of(disk.id()).goingOnFrom(Optional.of(pool.memory())).in(Optional.of(pool.name()));
        return new Offspring(node).copyOf(pool.template(), id, name, disk, past, false, true);
    }

    private static List<InstanceOwner> members(Node node, InstanceName name) {
        return node.registry().owners().stream().filter(owner -> !owner.isGone()
                && owner.record().past().pool().equals(Optional.of(name))).toList();
    }

    private boolean isReady(InstanceOwner owner) {
        return owner.view().phase() instanceof Phase.Paused && owner.machine().isPresent()
                && !claimed.contains(owner.id());
    }

    private void poke(InstanceName name) {
        var poke = pokes.get(name);
        if (poke != null) poke.release();
    }

    private static void await(Node node, Operation operation, Deadline deadline) throws InterruptedException {
        var seen = operation;
        while (!seen.status().isFinal()) {
            if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT,
                    "A fork that waited did not go on in time.\nMaybe try again.");
            seen = node.operations().waitForChange(seen, deadline);
        }
        if (seen.problem().isPresent()) throw seen.problem().get();
    }

    private static void remove(Node node, InstanceOwner owner) {
        ask(node, owner, new Request.Delete(true));
    }

    private static void ask(Node node, InstanceOwner owner, Request.OfInstance request) {
        try {
            owner.ask(request);
        } catch (Problem problem) {
            node.log().warn("pool.member", "id", owner.id().brief(), "because", problem.getMessage());
        }
    }
}
