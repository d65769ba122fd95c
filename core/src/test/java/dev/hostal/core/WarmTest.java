package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.sim.DaemonKilled;
import dev.hostal.sim.SimTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// First starts that go on from the checkpoint of an earlier one.
final class WarmTest {
    private static final int KEPT = 2;

    private World world;

    WarmTest() throws Exception {
        world = new World(11, SimTime.timesFaster(World.DAWN, 1000), KEPT);
    }

    @AfterEach void close() {
        world.close();
    }

    @Test void theSecondOfAnImageGoesOnFromWhatTheFirstLeft() throws Exception {
        var first = world.running("one", "sleep", "infinity");
        assertThat(world.host.checkpoints()).hasSize(1);
        world.host.write(first, "/a", "1");
        var second = world.running("two", "sleep", "infinity");
        assertThat(world.host.checkpoints()).hasSize(1);
        assertThat(count("points.checkpoint: pause")).isEqualTo(1);
        assertThat(world.host.hostname(second)).contains("two");
        assertThat(world.host.read(second)).isEmpty();
        world.host.write(second, "/a", "2");
        assertThat(world.host.read(first)).isEqualTo(Map.of("/a", "1"));
        // What was written is there after a start that boots.
        for (var id : List.of(first, second)) {
            world.succeed(world.engine.stop(id, Optional.empty()));
            world.succeed(world.engine.start(id));
        }
        assertThat(world.host.read(second)).isEqualTo(Map.of("/a", "2"));
        assertSound();
    }

    @Test void whoAsksForItBoots() throws Exception {
        world.running("one", "sleep", "infinity");
        var id = world.create(World.spec("two", "tiny", "sleep", "infinity"));
        world.succeed(world.engine.start(id, true));
        // The kept disk, that of the first one over it, and one of its own.
        assertThat(world.host.disks().values().stream().filter(Optional::isEmpty)).hasSize(2);
        assertSound();
    }

    @Test void oneThatIsLostIsMadeAgain() throws Exception {
        var first = world.running("one", "sleep", "infinity");
        world.succeed(world.engine.delete(first, true));
        World.eventually("the kept disk alone", () -> world.host.disks().size() == 1);
        world.host.disks().keySet().forEach(world.host::lose);
        var second = world.running("two", "sleep", "infinity");
        assertThat(world.phase(second)).isEqualTo("running");
        World.eventually("a new one", () -> world.host.checkpoints().size() == 1);
        assertThat(count("points.checkpoint: pause")).isEqualTo(2);
        var third = world.running("three", "sleep", "infinity");
        assertThat(world.phase(third)).isEqualTo("running");
        assertThat(count("points.checkpoint: pause")).isEqualTo(2);
    }

    @Test void aDaemonThatDiesAtAnyCallStartsItAll() throws Exception {
        for (boolean warm : List.of(false, true)) {
            for (int call = 0; ; call++) {
                world.close();
                world = new World(100 + call, SimTime.timesFaster(World.DAWN, 1000), KEPT);
                if (warm) world.running("before", "sleep", "infinity");
                var id = world.create(World.spec("one", "tiny", "sleep", "infinity"));
                world.session.killedAtCall(world.session.calls().size() + call);
                var asked = start(id);
                World.eventually("running, or killed", () -> world.session.isKilled() || world.phase(id).equals("running"));
                // What is tidied later counts, too: it is not meant to be cut off.
                world.session.killedAtCall(Integer.MAX_VALUE);
                boolean died = world.session.isKilled();
                if (died) {
                    world.kill();
                    world.restart();
                    if (asked.isEmpty() && world.phase(id).equals("stopped")) start(id);
                }
                World.eventually("running after call " + call, () -> world.phase(id).equals("running"));
                Truth.awaitRest(world, "call " + call);
                world.host.write(id, "/a", "1");
                assertThat(world.host.read(id)).as("call %d, %s; %s", call, warm, world.session.calls()).isEqualTo(Map.of("/a", "1"));
                for (var each : world.engine.list()) {
                    world.succeed(world.engine.delete(each.id(), true));
                }
                World.eventually("nothing but what is kept, after call " + call, () ->
                        world.host.checkpoints().size() <= 1
                                && world.host.disks().size() == world.host.checkpoints().size());
                assertSound();
                if (!died) break;
            }
        }
    }

    @Test void everyCallFailsOnceAndTheGuestRunsOrNothingIsLeft() throws Exception {
        for (boolean warm : List.of(false, true)) {
            for (int call = 0; ; call++) {
                world.close();
                world = new World(300 + call, SimTime.timesFaster(World.DAWN, 1000), KEPT);
                if (warm) world.running("before", "sleep", "infinity");
                var id = world.create(World.spec("one", "tiny", "sleep", "infinity"));
                Truth.awaitRest(world, "before call " + call);
                world.session.failingAtCall(world.session.calls().size() + call);
                boolean runs = ends(id);
                boolean failed = world.session.hasFailed();
                world.session.failingAtCall(Integer.MAX_VALUE);
                if (runs) world.host.write(id, "/a", "1");
                else assertThat(world.phase(id)).isIn("failed", "stopped");
                Truth.awaitRest(world, "call " + call);
                for (var each : world.engine.list()) {
                    world.succeed(world.engine.delete(each.id(), true));
                }
                World.eventually("nothing but what is kept, after call " + call, () ->
                        world.host.checkpoints().size() <= 1
                                && world.host.disks().size() == world.host.checkpoints().size());
                assertSound();
                if (!failed) break;
            }
        }
    }

    private boolean ends(InstanceId id) throws InterruptedException {
        try {
            return world.await(world.engine.start(id)).problem().isEmpty();
        } catch (Problem _) {
            return false;
        }
    }

    private Optional<Operation> start(InstanceId id) {
        try {
            return Optional.of(world.engine.start(id));
        } catch (DaemonKilled | IllegalStateException | Problem e) {
            if (!world.session.isKilled()) throw e;
            return Optional.empty();
        }
    }

    private long count(String call) {
        return world.session.calls().stream().filter(call::equals).count();
    }

    private void assertSound() {
        assertThat(world.host.violations()).isEmpty();
    }
}
