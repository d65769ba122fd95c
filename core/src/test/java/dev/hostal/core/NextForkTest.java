package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.sim.SimTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Forks that are begun before they are asked for.
final class NextForkTest {
    /// Above what a fork asks of its host; guests are asked for their addresses beside it.
    private static final int STEPS_MAX = 40;

    private World world;
    private InstanceId source;

    @BeforeEach void open() throws Exception {
        world = new World(31, SimTime.timesFaster(World.DAWN, 1000), 2, true);
        source = world.running("source", "sleep", "infinity");
    }

    @AfterEach void close() {
        world.close();
    }

    @Test void theNextForkHasWhatWasBegun() throws Exception {
        var first = fork("a");
        var begun = begun();
        world.host.write(source, "/late", "1");
        world.host.count(source, 7);

        var second = fork("b");

        assertThat(second.brief()).isEqualTo(begun);
        assertThat(world.host.read(second)).isEqualTo(Map.of("/late", "1"));
        assertThat(world.host.counter(second)).isEqualTo(world.host.counter(source));
        assertThat(world.host.hostname(second)).contains("b");
        assertThat(begun()).isNotEqualTo(begun);
        // A fork can be forked: what was begun of its source goes.
        var third = new InstanceId(world.succeed(world.engine.copies().fork(second, List.of(new InstanceName("c")), false))
                .results().getFirst());
        assertThat(world.host.read(third)).isEqualTo(Map.of("/late", "1"));
        assertClean(first, second, third);
    }

    @Test void whatDoesNotFitAnyMoreIsNotUsed() throws Exception {
        var first = fork("a");
        begun();
        world.host.write(source, "/a", "1");
        world.succeed(world.engine.snapshots().create(source, Optional.empty(), "", false, false));
        world.host.write(source, "/b", "2");
        var second = fork("b");
        assertThat(world.host.read(second)).isEqualTo(Map.of("/a", "1", "/b", "2"));

        begun();
        world.succeed(world.engine.stop(source, Optional.empty()));
        world.succeed(world.engine.start(source));
        var third = fork("c");
        assertThat(world.host.read(third)).isEqualTo(Map.of("/a", "1", "/b", "2"));
        assertClean(first, second, third);
    }

    @Test void itGoesWithItsSource() throws Exception {
        fork("a");
        begun();
        world.succeed(world.engine.stop(source, Optional.empty()));
        World.eventually("nothing is begun", () -> !world.engine.isForkAhead());
        World.eventually("nothing runs but the fork", () -> world.host.running().size() == 1);
    }

    @Test void theNextDaemonRemovesWhatWasBegun() throws Exception {
        var first = fork("a");
        begun();
        world.session.kill();
        world.restart();
        assertClean(first, fork("b"));
    }

    /// Whichever call to the host fails, the fork is made or is not, and nothing else is left.
    @Test void everyStepFailsOnce() throws Exception {
        boolean reached = true;
        for (int call = 0; reached && call < STEPS_MAX; call++) {
            var first = fork("a" + call);
            begun();
            world.host.write(source, "/last", Integer.toString(call));
            int at = world.session.calls().size() + call;
            world.session.failingAtCall(at);
            Optional<InstanceId> second = Optional.empty();
            try {
                var end = world.await(world.engine.copies().fork(source, List.of(new InstanceName("b" + call)), false));
                if (end.problem().isEmpty()) second = end.results().stream().findFirst().map(InstanceId::new);
            } catch (Problem refused) {
                assertThat(refused.code()).isEqualTo(ErrorCode.INTERNAL);
            }
            reached = world.session.calls().size() > at;
            world.session.failingAtCall(Integer.MAX_VALUE);
            if (second.isPresent()) {
                assertThat(world.host.read(second.get())).containsEntry("/last", Integer.toString(call));
                world.succeed(world.engine.delete(second.get(), true));
            }
            world.succeed(world.engine.delete(first, true));
            assertThat(world.host.violations()).as("call %d", call).isEmpty();
        }
        assertClean();
    }

    private InstanceId fork(String name) throws InterruptedException {
        return new InstanceId(world.succeed(world.engine.copies().fork(source, List.of(new InstanceName(name)), false))
                .results().getFirst());
    }

    private String begun() throws Exception {
        World.eventually("the next fork is begun", world.engine::isForkAhead);
        var begun = new TreeSet<>(world.host.leftovers().keySet());
        begun.removeAll(world.host.running());
        assertThat(begun).hasSize(1);
        return begun.first();
    }

    private void assertClean(InstanceId... forks) throws Exception {
        for (var fork : forks) world.succeed(world.engine.delete(fork, true));
        world.succeed(world.engine.delete(source, true));
        World.eventually("nothing is begun", () -> !world.engine.isForkAhead());
        World.eventually("the image's kept disk alone", () -> world.host.disks().size() == 1);
        World.eventually("the image's checkpoint alone", () -> world.host.checkpoints().size() == 1);
        World.eventually("no machine", () -> world.host.leftovers().isEmpty());
        assertThat(world.host.violations()).isEmpty();
    }
}
