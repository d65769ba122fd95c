package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.core.Engine.Pull;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.sim.DaemonKilled;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The daemon is killed before each call to its host and to its store, and started again: what was acknowledged
/// is done, what was half done is finished, and nothing is left over.
final class KilledDaemonTest {
    @FunctionalInterface
    private interface Ask {
        Operation of(World world, InstanceId id) throws Exception;
    }

    /// More calls than any operation makes; the loops end long before.
    private static final int CALLS_MAX = 60;

    @Test void atEveryCallOfCreate() throws Exception {
        atEveryCall("none", "stopped", (world, _) -> world.engine.create(spec(), Pull.MISSING));
    }

    @Test void atEveryCallOfStart() throws Exception {
        atEveryCall("stopped", "running", (world, id) -> world.engine.start(id));
    }

    @Test void atEveryCallOfStop() throws Exception {
        atEveryCall("running", "stopped", (world, id) -> world.engine.stop(id, Optional.empty()));
    }

    @Test void atEveryCallOfKill() throws Exception {
        atEveryCall("running", "stopped", (world, id) -> world.engine.kill(id, "KILL"));
    }

    @Test void atEveryCallOfRestart() throws Exception {
        atEveryCall("running", "running", (world, id) -> world.engine.restart(id, Optional.empty()));
    }

    @Test void atEveryCallOfPause() throws Exception {
        atEveryCall("running", "paused", (world, id) -> world.engine.pause(id));
    }

    @Test void atEveryCallOfDelete() throws Exception {
        atEveryCall("stopped", "gone", (world, id) -> world.engine.delete(id, false));
    }

    @Test void atEveryCallOfDeleteByForce() throws Exception {
        atEveryCall("running", "gone", (world, id) -> world.engine.delete(id, true));
    }

    @Test void atEveryCallOfTheRunOfAProgramThatIsRemovedAtItsEnd() throws Exception {
        int kills = 0;
        for (int call = 0; ; call++) {
            try (var world = new World(call)) {
                var id = world.create(World.removed("one", "true"));
                world.session.killedAtCall(world.session.calls().size() + call);
                var operation = ask(world, id, (each, of) -> each.engine.start(of));
                World.eventually("removed, or killed", () -> world.session.isKilled() || world.engine.list().isEmpty());
                if (!world.session.isKilled()) break;
                kills++;
                world.kill();
                world.restart();
                // Asked for and acknowledged: it runs, and goes. Never acknowledged: it may still be there.
                if (operation.isPresent()) World.eventually("removed after call " + call, () -> world.engine.list().isEmpty());
                Truth.awaitRest(world, "call " + call);
                Truth.check(world, "call " + call);
            }
            assertThat(call).isLessThan(CALLS_MAX);
        }
        assertThat(kills).isGreaterThan(10);
    }

    @Test void againAtEveryCallOfTheRecovery() throws Exception {
        for (int call = 0; ; call++) {
            try (var world = new World(call)) {
                // Of all kinds: running, half started, half stopped, half deleted.
                var running = world.running("running", "sleep", "infinity");
                var stopping = world.running("stopping", "sleep", "infinity");
                var deleting = world.running("deleting", "sleep", "infinity");
                var starting = world.create(World.spec("starting", "tiny", "sleep", "infinity"));
                var asked = List.of(world.engine.start(starting), world.engine.stop(stopping, Optional.empty()),
                        world.engine.delete(deleting, true));
                world.kill();
                var next = world.host.connect().killedAtCall(call);
                boolean opened = false;
                try {
                    world.open(next);
                    opened = true;
                    World.eventually("killed, or at rest", () -> next.isKilled() || isAtRest(world));
                } catch (DaemonKilled _) {
                    // Even before it could answer.
                }
                if (opened) world.engine.close();
                if (!next.isKilled()) break;
                world.restart();
                var where = "call %d of %s".formatted(call, next.calls());
                Truth.awaitRest(world, where);
                Truth.check(world, where);
                assertThat(world.phase(running)).as(where).isEqualTo("running");
                assertThat(world.phase(stopping)).as(where).isEqualTo("stopped");
                assertThat(world.phase(starting)).as(where).isEqualTo("running");
                assertThat(world.engine.list()).as(where).hasSize(3);
                for (var operation : asked) {
                    assertThat(world.await(operation).status()).as(where).isEqualTo(Operation.Status.SUCCEEDED);
                }
            }
            assertThat(call).isLessThan(CALLS_MAX);
        }
    }

    private static boolean isAtRest(World world) {
        return world.engine.operations().list().stream().allMatch(each -> each.status().isFinal());
    }

    private static void atEveryCall(String before, String after, Ask ask) throws Exception {
        int kills = 0;
        for (int call = 0; ; call++) {
            try (var world = new World(call)) {
                var id = switch (before) {
                    case "running" -> world.running("one", "sleep", "infinity");
                    case "stopped" -> world.create(spec());
                    default -> new InstanceId("0".repeat(64));
                };
                world.session.killedAtCall(world.session.calls().size() + call);
                var acknowledged = ask(world, id, ask);
                acknowledged.ifPresent(operation -> awaitEndOrKill(world, operation));
                if (!world.session.isKilled()) break;
                kills++;
                var seen = acknowledged.flatMap(operation -> world.engine.operations().find(operation.id()));
                world.kill();
                world.restart();
                var where = "killed at call %d, %s".formatted(call, world.session.calls());
                Truth.awaitRest(world, where);
                Truth.check(world, where);
                var now = world.engine.list().isEmpty() ? "gone" : world.engine.list().getFirst().phase().word();
                if (acknowledged.isPresent()) {
                    // The same operation, by the same id, has ended well: it was gone on with.
                    var ended = world.engine.operations().find(acknowledged.get().id()).orElseThrow();
                    assertThat(ended.status()).as(where + ended).isEqualTo(Operation.Status.SUCCEEDED);
                    assertThat(now).as(where).isEqualTo(after);
                    assertThat(seen.orElseThrow().target()).isEqualTo(ended.target());
                } else {
                    assertThat(List.of(before.equals("none") ? "gone" : before, after)).as(where).contains(now);
                }
            }
            assertThat(call).isLessThan(CALLS_MAX);
        }
        assertThat(kills).as("calls at which it was killed").isGreaterThan(2);
    }

    /// @return the operation, where the daemon lived long enough to acknowledge it
    private static Optional<Operation> ask(World world, InstanceId id, Ask ask) throws Exception {
        try {
            return Optional.of(ask.of(world, id));
        } catch (DaemonKilled | IllegalStateException e) {
            if (!world.session.isKilled()) throw e;
            return Optional.empty();
        }
    }

    private static void awaitEndOrKill(World world, Operation operation) {
        try {
            World.eventually("the end of " + operation, () -> world.session.isKilled()
                    || world.engine.operations().find(operation.id()).orElseThrow().status().isFinal());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InstanceSpec spec() {
        return World.spec("one", "tiny", "sleep", "infinity");
    }
}
