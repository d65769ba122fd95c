package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.core.Engine.Pull;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.sim.SimTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Machines that wait for the next run like the last one.
final class NextRunTest {
    private World world;

    @BeforeEach void open() throws Exception {
        world = new World(21, SimTime.timesFaster(World.DAWN, 1000), 2, true);
    }

    @AfterEach void close() {
        world.close();
    }

    @Test void theNextRunHasTheMachineThatWaited() throws Exception {
        var first = run(World.removed("one", "sleep", "infinity"));
        assertThat(world.host.hostname(first)).contains("one");
        var waiting = waiting();
        assertThat(world.engine.list()).singleElement().satisfies(each -> assertThat(each.id()).isEqualTo(first));

        var second = run(World.removed("two", "echo", "hello"));

        assertThat(second.brief()).isEqualTo(waiting);
        // Its own program has run, and not that of the run before.
        World.eventually("its program's end", () -> world.engine.list().stream().noneMatch(each -> each.id().equals(second)));
        assertThat(waiting()).isNotEqualTo(waiting);
        var third = run(World.removed("three", "sleep", "infinity"));
        assertThat(world.host.hostname(third)).contains("three");
        assertThat(world.host.read(third)).isEmpty();
        world.host.write(third, "/a", "3");
        assertThat(world.host.read(first)).isEmpty();
        end(first);
        end(third);
        assertThat(world.host.violations()).isEmpty();
    }

    @Test void nothingWaitsAfterTheDaemon() throws Exception {
        end(run(World.removed("one", "sleep", "infinity")));
        waiting();

        world.engine.close();

        assertThat(world.host.running()).isEmpty();
        assertThat(world.host.leftovers()).isEmpty();
        assertThat(world.host.disks()).hasSize(1);
        assertThat(world.host.checkpoints()).hasSize(1);
    }

    @Test void theNextDaemonRemovesWhatWaited() throws Exception {
        end(run(World.removed("one", "sleep", "infinity")));
        var waiting = waiting();
        world.session.kill();
        assertThat(world.host.running()).containsExactly(waiting);

        world.restart();

        World.eventually("nothing runs", () -> world.host.running().isEmpty());
        World.eventually("the kept disk alone", () -> world.host.disks().size() == 1);
        end(run(World.removed("two", "sleep", "infinity")));
        assertThat(world.host.violations()).isEmpty();
    }

    /// Between its creation and its start the instance owns the machine: it goes with it, and does not come back.
    @Test void aRunThatIsCutOffLeavesNothing() throws Exception {
        end(run(World.removed("one", "sleep", "infinity")));
        var waiting = waiting();
        var second = created(World.removed("two", "sleep", "infinity"));
        assertThat(second.brief()).isEqualTo(waiting);
        world.session.kill();
        world.restart();

        World.eventually("nothing runs", () -> world.host.running().isEmpty());
        world.succeed(world.engine.start(second));
        assertThat(world.host.hostname(second)).contains("two");
        world.host.write(second, "/a", "2");
        end(second);
        assertThat(world.host.violations()).isEmpty();
    }

    @Test void whoIsDeletedBeforeItsStartTakesTheMachineAlong() throws Exception {
        end(run(World.removed("one", "sleep", "infinity")));
        var waiting = waiting();
        var second = created(World.removed("two", "sleep", "infinity"));
        assertThat(second.brief()).isEqualTo(waiting);
        end(second);
        World.eventually("no machine", () -> world.host.running().isEmpty());
        World.eventually("the kept disk alone", () -> world.host.disks().size() == 1);
        assertThat(world.host.violations()).isEmpty();
    }

    @Test void whoWantsSomethingElseStartsItsOwn() throws Exception {
        end(run(World.removed("one", "sleep", "infinity")));
        var waiting = waiting();
        var larger = World.removed("two", "sleep", "infinity");
        var second = run(new InstanceSpec(larger.name(), larger.kind(), larger.image(), larger.arch(), 2, larger.memory(),
                larger.diskSize(), larger.boot(), larger.process(), Optional.empty(), Map.of(), true, larger.stopTimeout()));
        assertThat(second.brief()).isNotEqualTo(waiting);
        // One that is created for later neither.
        var third = world.create(World.removed("three", "sleep", "infinity"));
        assertThat(third.brief()).isNotEqualTo(waiting);
        end(second);
        end(third);
    }

    /// The machine that waited has died meanwhile: nobody notices.
    @Test void aMachineThatIsGoneIsMissedByNobody() throws Exception {
        end(run(World.removed("one", "sleep", "infinity")));
        var second = created(World.removed("two", "sleep", "infinity"));
        world.host.crash(second);
        world.succeed(world.engine.start(second));
        assertThat(world.host.hostname(second)).contains("two");
        end(second);
        assertThat(world.host.violations()).isEmpty();
    }

    private InstanceId created(InstanceSpec spec) throws InterruptedException {
        waiting();
        return new InstanceId(world.succeed(world.engine.createToRun(spec, Pull.MISSING, Optional.empty())).target());
    }

    private InstanceId run(InstanceSpec spec) throws InterruptedException {
        var id = new InstanceId(world.succeed(world.engine.createToRun(spec, Pull.MISSING, Optional.empty())).target());
        world.succeed(world.engine.start(id));
        return id;
    }

    private void end(InstanceId id) throws InterruptedException {
        world.succeed(world.engine.delete(id, true));
    }

    /// The brief id of the machine that waits, once there is one.
    private String waiting() throws InterruptedException {
        World.eventually("one that waits", world.engine::isAhead);
        return strangers().iterator().next();
    }

    private Set<String> strangers() {
        var known = world.engine.list().stream().map(each -> each.id().brief()).toList();
        return world.host.running().stream().filter(brief -> !known.contains(brief)).collect(Collectors.toSet());
    }
}
