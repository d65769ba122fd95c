package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Every step of create, start, stop and delete fails once: what the record says is true, nothing is left over,
/// and asking again succeeds.
final class FailingStepsTest {
    @FunctionalInterface
    private interface Ask {
        Operation of(World world, InstanceId id) throws Exception;
    }

    /// More than any operation has; the loops end long before.
    private static final int CALLS_MAX = 60;
    private static final InstanceId NONE = new InstanceId("0".repeat(64));

    @Test void everyStepOfCreate() throws Exception {
        for (int call = 0; ; call++) {
            try (var world = new World(call)) {
                int before = world.session.calls().size();
                world.session.failingAtCall(before + call);
                var done = run(world, NONE, (w, _) -> w.engine.create(spec(), Pull.MISSING));
                if (!world.session.hasFailed()) break;
                world.engine.operations().list().forEach(each -> assertThat(each.status().isFinal()).isTrue());
                var names = world.store.list("/names/");
                assertThat(world.engine.list()).as("call %d", call).hasSameSizeAs(names);
                assertThat(world.engine.list().isEmpty()).isEqualTo(!done);
                if (!done) world.create(spec());
            }
            assertThat(call).isLessThan(CALLS_MAX);
        }
    }

    @Test void everyStepOfStart() throws Exception {
        everyStepOf(false, List.of("stopped", "failed", "running"), "running", (world, id) -> world.engine.start(id));
    }

    @Test void everyStepOfStop() throws Exception {
        everyStepOf(true, List.of("stopped", "running"), "stopped", (world, id) -> world.engine.stop(id, Optional.empty()));
    }

    @Test void everyStepOfKill() throws Exception {
        everyStepOf(true, List.of("stopped", "running"), "stopped", (world, id) -> world.engine.kill(id, "KILL"));
    }

    @Test void everyStepOfRestart() throws Exception {
        everyStepOf(true, List.of("stopped", "running", "failed"), "running",
                (world, id) -> world.engine.restart(id, Optional.empty()));
    }

    @Test void everyStepOfPause() throws Exception {
        everyStepOf(true, List.of("running", "paused"), "paused", (world, id) -> world.engine.pause(id));
    }

    @Test void everyStepOfDelete() throws Exception {
        everyStepOf(true, List.of("gone", "running", "failed", "stopped"), "gone", (world, id) -> world.engine.delete(id, true));
    }

    private static void everyStepOf(boolean running, List<String> allowed, String wanted, Ask ask) throws Exception {
        for (int call = 0; ; call++) {
            try (var world = new World(call)) {
                var id = world.create(spec());
                if (running) world.succeed(world.engine.start(id));
                world.session.failingAtCall(world.session.calls().size() + call);
                boolean done = run(world, id, ask);
                if (!world.session.hasFailed()) break;
                var where = "call %d, %s".formatted(call, world.session.calls());
                assertThat(phase(world, id)).as(where).isIn(allowed);
                if (done) assertThat(phase(world, id)).as(where).isEqualTo(wanted);
                assertTruth(world, id, where);
                if (!done && !phase(world, id).equals(wanted)) {
                    world.succeed(ask.of(world, id));
                    assertThat(phase(world, id)).as(where).isEqualTo(wanted);
                }
                if (!phase(world, id).equals("gone")) world.succeed(world.engine.delete(id, true));
                assertThat(world.host.contents()).as(where).isEmpty();
                assertThat(world.store.list("/names/")).isEmpty();
            }
            assertThat(call).isLessThan(CALLS_MAX);
        }
    }

    /// The record says what is: a machine where one is said to run, and none otherwise.
    private static void assertTruth(World world, InstanceId id, String where) {
        var running = world.host.running();
        switch (phase(world, id)) {
            case "running", "paused" -> assertThat(running).as(where).containsExactly(id.brief());
            default -> {
                assertThat(running).as(where).isEmpty();
                assertThat(world.host.leftovers()).as(where).isEmpty();
            }
        }
    }

    /// @return whether it succeeded
    private static boolean run(World world, InstanceId id, Ask ask) throws Exception {
        try {
            var operation = ask.of(world, id);
            return world.await(operation).status() == Operation.Status.SUCCEEDED;
        } catch (Problem _) {
            return false;
        }
    }

    private static String phase(World world, InstanceId id) {
        return world.engine.list().stream().filter(each -> each.id().equals(id)).findFirst()
                .map(each -> each.phase().word()).orElse("gone");
    }

    private static InstanceSpec spec() {
        return World.spec("one", "tiny", "sleep", "infinity");
    }
}
