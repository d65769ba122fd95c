package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Problem;
import dev.hostal.core.Copies.CloneSpec;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.SnapshotName;
import dev.hostal.sim.DaemonKilled;
import dev.hostal.sim.SimTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// At each call that a verb of points in time makes to its host and its store, the daemon is killed, or the call fails, or all
/// machines end, or the disk becomes full: whatever was written is there, the instance and its copies can be used, and when
/// they are deleted nothing is left. Of virtual machines and of containers, whose disks are made in other steps; and of virtual
/// machines with a volume.
final class TimeAtEveryCallTest {
    /// More calls than any verb makes; the loops end long before.
    private static final int CALLS_MAX = 120;
    private static final Map<String, String> ONE = Map.of("/a", "1");
    private static final Map<String, String> TWO = Map.of("/a", "2");
    private static final Map<String, String> ONES = Map.of("/a", "1", "/data/v", "1");
    private static final Map<String, String> TWOS = Map.of("/a", "2", "/data/v", "2");

    @FunctionalInterface
    private interface Ask {
        Operation of(World world, InstanceId id) throws Exception;
    }

    /// @param contents any of which the instance may have afterwards
    /// @param volumes the instance has one
    private record Verb(String before, Ask ask, Set<Map<String, String>> contents, boolean volumes) {
        Verb(String before, Ask ask) {
            this(before, ask, Set.of(ONE));
        }

        Verb(String before, Ask ask, Set<Map<String, String>> contents) {
            this(before, ask, contents, false);
        }
    }

    @Test void snapshot() throws Exception {
        everyCall(new Verb("running", (world, id) -> take(world, id, false)));
    }

    @Test void snapshotOfOneThatDoesNotRun() throws Exception {
        everyCall(new Verb("stopped", (world, id) -> take(world, id, false)));
    }

    @Test void snapshotWithMemory() throws Exception {
        everyCall(new Verb("running", (world, id) -> take(world, id, true)));
    }

    @Test void snapshotOfOneThatIsPaused() throws Exception {
        everyCall(new Verb("paused", (world, id) -> take(world, id, true)));
    }

    @Test void restore() throws Exception {
        everyCall(new Verb("changed", (world, id) -> world.engine.snapshots().restore(id, first(world, id), true), Set.of(ONE, TWO)));
    }

    @Test void deleteSnapshot() throws Exception {
        everyCall(new Verb("changed", (world, id) -> world.engine.snapshots().delete(id, first(world, id)), Set.of(TWO)));
    }

    @Test void restoreOfTheDiskAlone() throws Exception {
        everyCall(new Verb("disk changed", (world, id) -> world.engine.snapshots().restore(id, first(world, id), true),
                Set.of(ONE, TWO)));
    }

    @Test void restoreOfOneThatSleeps() throws Exception {
        everyCall(new Verb("changed, suspended", (world, id) -> world.engine.snapshots().restore(id, first(world, id), true),
                Set.of(ONE, TWO)));
    }

    @Test void rewind() throws Exception {
        everyCall(new Verb("disk changed", (world, id) -> world.engine.snapshots().rewind(id, world.host.time().instant()),
                Set.of(ONE, TWO)));
    }

    @Test void snapshotOfOneThatSleeps() throws Exception {
        everyCall(new Verb("suspended", (world, id) -> take(world, id, true)));
    }

    @Test void memoryOfOneThatSleepsIsGivenUp() throws Exception {
        everyCall(new Verb("suspended", (world, id) -> world.engine.kill(id, "KILL")));
    }

    @Test void cloneOfASnapshot() throws Exception {
        everyCall(new Verb("changed", (world, id) -> world.engine.copies().clone(id, Optional.of(first(world, id)),
                new CloneSpec(new InstanceName("copy"), false, false)), Set.of(TWO)));
    }

    @Test void forkOfAGroup() throws Exception {
        everyCall(new Verb("two", (world, id) -> world.engine.copies().forkGroup(List.of(id, named(world, "copy").orElseThrow()),
                "blue", false)));
    }

    @Test void poolOf() throws Exception {
        everyCall(new Verb("running", (world, id) -> world.engine.pools().create(new InstanceName("pool"), id, 2)),
                List.of(Kind.VM));
    }

    @Test void poolIsDeleted() throws Exception {
        everyCall(new Verb("pool", (world, _) -> world.engine.pools().delete("pool")), List.of(Kind.VM));
    }

    @Test void poolHandsOneOut() throws Exception {
        everyCall(new Verb("pool", (world, _) -> {
            var taken = new CompletableFuture<Instance>();
            Thread.ofVirtual().start(() -> {
                try {
                    taken.complete(world.engine.pools().take("pool", Optional.of(new InstanceName("taken"))));
                } catch (Throwable e) {
                    taken.completeExceptionally(e);
                }
            });
            // Whoever asks a dead daemon gets no answer.
            World.eventually("an answer", () -> taken.isDone() || world.session.isKilled());
            if (!taken.isDone()) throw new IllegalStateException("the daemon was killed before it answered");
            try {
                taken.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof DaemonKilled why) throw why;
                if (e.getCause() instanceof RuntimeException why) throw why;
                if (e.getCause() instanceof IOException why) throw why;
                throw new AssertionError(e.getCause());
            }
            return world.engine.operations().list().getFirst();
        }), List.of(Kind.VM));
    }

    @Test void cloneOfOneThatRuns() throws Exception {
        everyCall(new Verb("running", (world, id) -> copy(world, id, false)));
    }

    @Test void cloneOfOneThatDoesNotRun() throws Exception {
        everyCall(new Verb("stopped", (world, id) -> copy(world, id, false)));
    }

    @Test void linkedClone() throws Exception {
        everyCall(new Verb("running", (world, id) -> copy(world, id, true)));
    }

    @Test void flatten() throws Exception {
        everyCall(new Verb("linked", (world, id) -> world.engine.copies().flatten(named(world, "copy").orElseThrow())));
    }

    @Test void fork() throws Exception {
        everyCall(new Verb("running", (world, id) ->
                world.engine.copies().fork(id, List.of(new InstanceName("fork-1"), new InstanceName("fork-2")), false)));
    }

    @Test void suspend() throws Exception {
        everyCall(new Verb("running", (world, id) -> world.engine.suspend(id)));
    }

    @Test void startOfOneThatIsSuspended() throws Exception {
        everyCall(new Verb("suspended", (world, id) -> world.engine.start(id)));
    }

    @Test void snapshotWithVolumes() throws Exception {
        everyCall(new Verb("running", (world, id) -> take(world, id, false, true), Set.of(ONES), true));
    }

    @Test void snapshotWithVolumesOfOneThatDoesNotRun() throws Exception {
        everyCall(new Verb("stopped", (world, id) -> take(world, id, false, true), Set.of(ONES), true));
    }

    @Test void snapshotWithMemoryAndVolumes() throws Exception {
        everyCall(new Verb("running", (world, id) -> take(world, id, true, true), Set.of(ONES), true));
    }

    /// Both disks are those of then, or both those of now.
    @Test void restoreWithVolumes() throws Exception {
        everyCall(new Verb("changed", (world, id) -> world.engine.snapshots().restore(id, first(world, id), true),
                Set.of(ONES, TWOS), true));
    }

    @Test void deleteSnapshotWithVolumes() throws Exception {
        everyCall(new Verb("changed", (world, id) -> world.engine.snapshots().delete(id, first(world, id)), Set.of(TWOS), true));
    }

    private static void everyCall(Verb verb) throws Exception {
        everyCall(verb, verb.volumes ? List.of(Kind.VM) : List.of(Kind.values()));
    }

    private static void everyCall(Verb verb, List<Kind> kinds) throws Exception {
        for (var kind : kinds) {
            int kills = 0;
            while (killedAt(verb, kind, kills)) kills++;
            assertThat(kills).as("calls at which it was killed").isGreaterThan(1);
            for (var fault : Fault.values()) {
                int calls = 0;
                // What is no matter of the daemon's own calls at every second one.
                while (happenedAt(verb, kind, fault, calls)) calls += fault == Fault.FAILED_CALL ? 1 : 2;
                assertThat(calls).as("calls at which was %s", fault).isGreaterThan(1);
            }
        }
    }

    /// @return whether there was such a call
    private static boolean killedAt(Verb verb, Kind kind, int call) throws Exception {
        assertThat(call).isLessThan(CALLS_MAX);
        try (var world = world(kind, call)) {
            var id = prepare(world, verb);
            world.session.killedAtCall(world.session.calls().size() + call);
            var asked = ask(world, id, verb.ask);
            if (asked.isPresent()) World.eventually("the end of it, or of the daemon", () -> world.session.isKilled() || isEnded(world, asked.get()));
            // What is tidied later is not meant.
            world.session.killedAtCall(Integer.MAX_VALUE);
            boolean killed = world.session.isKilled();
            var where = "%s killed at call %d of %s".formatted(kind, call, world.session.calls());
            if (killed) {
                world.kill();
                world.restart();
            }
            new PointsTruth(world).awaitRest(where);
            if (asked.isPresent()) {
                var ended = world.engine.operations().find(asked.get().id()).orElseThrow();
                assertThat(ended.status()).as("%s: %s", where, ended).isEqualTo(Operation.Status.SUCCEEDED);
            }
            everythingIsUsable(world, id, verb, where);
            return killed;
        }
    }

    /// What may happen beside a verb, while the daemon goes on.
    private enum Fault { FAILED_CALL, ENDED_MACHINES, FULL_DISK }

    private static boolean happenedAt(Verb verb, Kind kind, Fault fault, int call) throws Exception {
        assertThat(call).isLessThan(CALLS_MAX);
        try (var world = world(kind, 1000 + call)) {
            var id = prepare(world, verb);
            int at = world.session.calls().size() + call;
            var happened = new AtomicBoolean();
            switch (fault) {
                case FAILED_CALL -> world.session.failingAtCall(at);
                case ENDED_MACHINES -> world.session.happeningAtCall(at, () -> {
                    happened.set(true);
                    world.host.crashAll();
                });
                case FULL_DISK -> world.session.happeningAtCall(at, () -> {
                    happened.set(true);
                    world.host.fillDisk(true);
                });
            }
            var asked = ask(world, id, verb.ask);
            if (asked.isPresent()) world.await(asked.get());
            boolean was = happened.get() || world.session.hasFailed();
            world.session.failingAtCall(Integer.MAX_VALUE).happeningAtCall(Integer.MAX_VALUE, () -> {});
            var where = "%s, %s at call %d of %s".formatted(kind, fault, call, world.session.calls());
            new PointsTruth(world).awaitRest(where);
            world.host.fillDisk(false);
            everythingIsUsable(world, id, verb, where);
            return was;
        }
    }

    private static void everythingIsUsable(World world, InstanceId id, Verb verb, String where) throws Exception {
        new PointsTruth(world).check(where, 0);
        // What waits in a pool is not listed.
        if (world.engine.pools().list().isEmpty()) Truth.check(world, where);
        // It stands still for a moment, and not for ever.
        if (!verb.before.equals("paused")) assertThat(world.phase(id)).as(where).isNotEqualTo("paused");
        for (var each : world.engine.list()) {
            usable(world, each.id(), each.id().equals(id) ? verb.contents : Set.of(ONE), where + " " + each.name());
        }
        // Points in time can be kept of it as before.
        world.succeed(world.engine.snapshots().create(id, Optional.of(new SnapshotName("afterwards")), "", true, verb.volumes));
        assertThat(verb.contents).as(where).contains(read(world, id));
        for (var pool : world.engine.pools().list()) {
            world.succeed(world.engine.pools().delete(pool.name().value()));
        }
        var all = new ArrayList<>(world.engine.list());
        // Those that lie over others go first.
        for (var each : all.reversed()) {
            world.succeed(world.engine.delete(each.id(), true));
        }
        if (verb.volumes) world.succeed(world.engine.volumes().delete("data"));
        try {
            World.eventually("nothing", () -> world.host.disks().isEmpty() && world.host.checkpoints().isEmpty()
                    && world.host.contents().isEmpty() && world.host.volumeIds().isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError("%s left %s, %s, %s".formatted(where, world.host.disks(), world.host.checkpoints(),
                    world.host.contents()), e);
        }
        assertThat(world.host.violations()).as(where).isEmpty();
    }

    private static void usable(World world, InstanceId id, Set<Map<String, String>> contents, String where) throws Exception {
        switch (world.phase(id)) {
            case "paused" -> world.succeed(world.engine.resume(id));
            case "running" -> { /* As it is. */ }
            default -> world.succeed(world.engine.start(id));
        }
        assertThat(contents).as(where).contains(read(world, id));
        world.host.count(id, 1);
        assertThat(world.host.counter(id).orElseThrow()).as(where).isPositive();
    }

    /// What the guest reads of its disk, and below `/data` of its volume.
    private static Map<String, String> read(World world, InstanceId id) {
        var read = new TreeMap<>(world.host.read(id));
        world.host.readFrom(id, "/data").forEach((name, text) -> read.put("/data" + name, text));
        return read;
    }

    private static InstanceId prepare(World world, Verb verb) throws Exception {
        var before = verb.before;
        var id = verb.volumes ? world.runningWith("data", "one") : world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        if (verb.volumes) world.host.writeTo(id, "/data", "/v", "1");
        world.host.count(id, 5);
        switch (before) {
            case "stopped" -> world.succeed(world.engine.stop(id, Optional.empty()));
            case "paused" -> world.succeed(world.engine.pause(id));
            case "suspended" -> world.succeed(world.engine.suspend(id));
            case "linked" -> world.succeed(copy(world, id, true));
            case "two" -> {
                world.succeed(copy(world, id, false));
                world.succeed(world.engine.start(named(world, "copy").orElseThrow()));
            }
            case "pool" -> world.succeed(world.engine.pools().create(new InstanceName("pool"), id, 1));
            case "changed", "disk changed", "changed, suspended" -> {
                world.succeed(world.engine.snapshots().create(id, Optional.of(new SnapshotName("first")), "",
                        !verb.before.equals("disk changed"), verb.volumes));
                world.host.write(id, "/a", "2");
                if (verb.volumes) world.host.writeTo(id, "/data", "/v", "2");
                if (verb.before.endsWith("suspended")) world.succeed(world.engine.suspend(id));
            }
            default -> { /* It runs. */ }
        }
        new PointsTruth(world).awaitRest(before);
        return id;
    }

    private static Operation take(World world, InstanceId id, boolean memory) {
        return take(world, id, memory, false);
    }

    private static Operation take(World world, InstanceId id, boolean memory, boolean volumes) {
        return world.engine.snapshots().create(id, Optional.of(new SnapshotName("taken")), "", memory, volumes);
    }

    private static Operation copy(World world, InstanceId id, boolean linked) {
        return world.engine.copies().clone(id, Optional.empty(), new CloneSpec(new InstanceName("copy"), linked, false));
    }

    private static dev.hostal.model.SnapshotId first(World world, InstanceId id) throws Exception {
        return world.engine.snapshots().get(id, "first").id();
    }

    private static Optional<InstanceId> named(World world, String name) {
        return world.engine.list().stream().filter(each -> each.name().value().equals(name)).map(each -> each.id()).findFirst();
    }

    private static boolean isEnded(World world, Operation operation) {
        return world.engine.operations().find(operation.id()).orElseThrow().status().isFinal();
    }

    /// @return the operation, where the daemon lived long enough to acknowledge it
    private static Optional<Operation> ask(World world, InstanceId id, Ask ask) throws Exception {
        try {
            return Optional.of(ask.of(world, id));
        } catch (Problem | DaemonKilled | IllegalStateException | java.io.IOException e) {
            if (e instanceof IllegalStateException && !world.session.isKilled() && !world.session.hasFailed()) throw e;
            return Optional.empty();
        }
    }

    private static World world(Kind kind, long seed) throws Exception {
        return new World(seed, SimTime.timesFaster(World.DAWN, 10_000), 0, false, kind);
    }
}
