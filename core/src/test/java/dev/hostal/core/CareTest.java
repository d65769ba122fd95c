package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.model.Care;
import dev.hostal.model.Confinement;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Restart policies and health tests on a simulated host, with daemons that are killed in between.
final class CareTest {
    @Test void aFailingProgramIsStartedAgainAsOftenAsAsked() throws Exception {
        try (var world = new World(1)) {
            var id = world.create(cared("flaky", restarting("on-failure:3"), "false"));
            world.succeed(world.engine.start(id));

            World.eventually("given up", () -> world.get(id).course().restarts() == 3 && isAtRest(world, id));
            assertThat(world.engine.waitForExit(id, world.soon())).get().extracting(status -> status.code()).isEqualTo(1);
        }
    }

    @Test void whatSucceedsIsNotAFailure() throws Exception {
        try (var world = new World(2)) {
            var id = world.create(cared("fine", restarting("on-failure"), "true"));
            world.succeed(world.engine.start(id));

            World.eventually("ended", () -> isAtRest(world, id));
            assertThat(world.get(id).course().restarts()).isZero();
        }
    }

    @Test void aStopEndsRestartsAlsoBetweenTwoRuns() throws Exception {
        try (var world = new World(3)) {
            var id = world.create(cared("always", restarting("always"), "false"));
            world.succeed(world.engine.start(id));
            World.eventually("restarted", () -> world.get(id).course().restarts() >= 2);
            World.eventually("between two runs", () -> world.get(id).course().due().isPresent());

            world.succeed(world.engine.stop(id, Optional.empty()));

            World.eventually("at rest", () -> isAtRest(world, id));
            int restarts = world.get(id).course().restarts();
            assertThat(world.get(id).course().stopped()).isTrue();
            world.succeed(world.engine.start(id));
            World.eventually("counted anew", () -> world.get(id).course().restarts() > 0 && world.get(id).course().restarts() <= restarts + 1);
            world.succeed(world.engine.delete(id, true));
        }
    }

    @Test void aKilledDaemonsSuccessorGoesOnRestarting() throws Exception {
        try (var world = new World(4)) {
            var id = world.create(cared("always", restarting("unless-stopped"), "false"));
            world.succeed(world.engine.start(id));
            for (int i = 1; i <= 3; i++) {
                int wanted = i;
                World.eventually("restarted", () -> world.get(id).course().restarts() >= wanted);
                world.kill();
                world.restart();
            }
            World.eventually("restarted once more", () -> world.get(id).course().restarts() >= 4);
        }
    }

    @Test void aDaemonThatStartsStartsWhatIsAlwaysToRun() throws Exception {
        try (var world = new World(5)) {
            var always = world.create(cared("always", restarting("always"), "sleep", "infinity"));
            var unless = world.create(cared("unless", restarting("unless-stopped"), "sleep", "infinity"));
            for (var id : List.of(always, unless)) {
                world.succeed(world.engine.start(id));
                world.succeed(world.engine.kill(id, "KILL"));
            }
            world.kill();
            world.restart();

            World.eventually("running again", () -> world.phase(always).equals("running"));
            assertThat(world.phase(unless)).isEqualTo("stopped");
            assertThat(world.get(always).course().restarts()).isEqualTo(1);
        }
    }

    @Test void healthIsToldAndSurvivesTheDaemon() throws Exception {
        try (var world = new World(6)) {
            var id = world.create(cared("well", health("true"), "sleep", "infinity"));
            var sick = world.create(cared("sick", health("false"), "sleep", "infinity"));
            world.succeed(world.engine.start(id));
            world.succeed(world.engine.start(sick));

            World.eventually("well", () -> world.get(id).course().health().equals(Optional.of("healthy")));
            World.eventually("sick", () -> world.get(sick).course().health().equals(Optional.of("unhealthy")));
            world.kill();
            world.restart();
            assertThat(world.get(sick).course().health()).contains("unhealthy");
            assertThat(world.get(id).course().health()).contains("healthy");
            world.succeed(world.engine.kill(id, "KILL"));
            assertThat(world.get(id).course().health()).isEmpty();
        }
    }

    private static boolean isAtRest(World world, InstanceId id) {
        return world.phase(id).equals("stopped") && world.get(id).course().due().isEmpty();
    }

    private static Care restarting(String policy) {
        return Care.USUAL.restarting(policy);
    }

    private static Care health(String... command) {
        var test = new ArrayList<>(List.of("CMD"));
        test.addAll(List.of(command));
        return new Care(Optional.empty(), Optional.empty(), test, Optional.of(Duration.ofMillis(20)),
                Optional.of(Duration.ofSeconds(5)), Optional.empty(), Optional.of(2));
    }

    private static InstanceSpec cared(String name, Care care, String... command) {
        var plain = World.spec(name, "tiny", command);
        return new InstanceSpec(plain.name(), plain.kind(), plain.image(), plain.arch(), plain.cpus(), plain.memory(),
                plain.diskSize(), plain.boot(), plain.process(), plain.hostname(), plain.labels(), plain.autoRemove(),
                plain.stopTimeout(), Limits.USUAL, Confinement.USUAL, care, List.of(), List.of(), List.of());
    }
}
