package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.core.Operation.Status;
import dev.hostal.model.Arch;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Phase;
import dev.hostal.model.ProcessSpec;
import dev.hostal.sim.SimTime;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Starting is recovering: what a new daemon makes of what the old one left.
final class RecoveryTest {
    private World world;

    @BeforeEach void begin() throws Exception {
        world = new World(1);
    }

    @AfterEach void end() {
        world.close();
    }

    @Test void runningGuestsAreFoundAndUsable() throws Exception {
        var ids = new ArrayList<InstanceId>();
        for (int i = 0; i < 25; i++) {
            ids.add(world.create(World.spec("vm" + i, "tiny", "sleep", "infinity")));
        }
        for (var operation : ids.stream().map(world.engine::start).toList()) {
            world.succeed(operation);
        }
        world.succeed(world.engine.pause(ids.getFirst()));
        world.kill();
        long before = System.nanoTime();
        world.restart();
        assertThat(world.engine.list()).hasSize(25);
        for (var id : ids) {
            World.eventually("adopted", () -> !world.get(id).accelerator().isEmpty());
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertThat(world.phase(ids.getFirst())).isEqualTo("paused");
        world.succeed(world.engine.resume(ids.getFirst()));
        for (var id : ids) {
            try (var process = world.engine.exec(id, echo(), Optional.empty(), world.soon())) {
                assertThat(new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("hello\n");
            }
            assertThat(world.get(id).startedAt()).isPresent();
            assertThat(world.get(id).addresses()).containsExactly("10.0.2.15");
        }
        world.succeed(world.engine.stop(ids.get(3), Optional.empty()));
        assertThat(world.get(ids.get(3)).phase()).isEqualTo(new Phase.Stopped(Optional.of(new ExitStatus(143))));
    }

    @Test void anEndThatNobodySawIsReadFromTheLog() throws Exception {
        var id = world.running("cat", "cat");
        var other = world.running("lost", "sleep", "infinity");
        var process = world.engine.attach(id, world.soon());
        world.kill();
        assertThatThrownBy(process.stdout()::read).isInstanceOf(IOException.class);
        // While no daemon lives, one program ends by itself, and the other's machine is killed.
        var session = world.host.connect();
        var guest = session.driver().find(id, world.soon()).orElseThrow().guest();
        try (var main = guest.attachMain(world.soon())) {
            main.stdin().close();
            main.waitForExit();
        }
        World.eventually("ended", () -> !world.host.running().contains(id.brief()));
        world.host.crash(other);
        world.restart();
        World.eventually("seen", () -> world.phase(id).equals("stopped") && world.phase(other).equals("failed"));
        assertThat(world.get(id).phase()).isEqualTo(new Phase.Stopped(Optional.of(new ExitStatus(0))));
        Truth.check(world, "after the end");
    }

    @Test void aMachineThatNobodyOwnsIsRemoved() throws Exception {
        var id = world.running("mine", "sleep", "infinity");
        world.kill();
        var session = world.host.connect();
        var root = session.images().prepare(session.images().list().getFirst().digest(), false, Progress.NONE, world.soon());
        var stranger = new InstanceId("f".repeat(64));
        session.driver().start(new MachineSpec(stranger, "stranger", Arch.X86_64, 1, World.spec("x", "tiny").memory(),
                World.spec("x", "tiny").diskSize(), root, "52:54:00:00:00:01", Optional.empty()), Progress.NONE,
                world.soon());
        world.restart();
        World.eventually("removed", () -> !world.host.contents().containsKey(stranger.brief()));
        World.eventually("adopted", () -> world.get(id).accelerator().isPresent());
        Truth.check(world, "without the stranger");
    }

    @Test void aCreationIsGoneOnWith() throws Exception {
        var operation = world.engine.create(World.spec("one", "tiny", "true"), Pull.MISSING);
        world.kill();
        world.restart();
        assertThatThrownBy(() -> world.engine.create(World.spec("one", "tiny", "true"), Pull.MISSING))
                .isInstanceOf(Problem.class);
        assertThat(world.succeed(operation).target()).isEqualTo(operation.target());
        assertThat(world.engine.get("one").id().value()).isEqualTo(operation.target());
    }

    @Test void aSignalIsNotSentTwice() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        world.session.killedAt("guest.signalMain");
        var operation = world.engine.kill(id, "HUP");
        World.eventually("killed", world.session::isKilled);
        world.kill();
        world.restart();
        var ended = world.await(operation);
        assertThat(ended.status()).isEqualTo(Status.FAILED);
        assertThat(ended.problem().orElseThrow()).hasMessageContaining("is not known");
        assertThat(world.phase(id)).isEqualTo("running");
    }

    @Test void endedOperationsAreRemembered() throws Exception {
        var failed = world.await(world.engine.create(World.spec("one", "unknown"), Pull.MISSING));
        var done = world.succeed(world.engine.create(World.spec("one", "tiny"), Pull.MISSING));
        world.kill();
        world.restart();
        var remembered = world.engine.operations().find(failed.id()).orElseThrow();
        assertThat(remembered.status()).isEqualTo(Status.FAILED);
        assertThat(remembered.problem().orElseThrow().code()).isEqualTo(failed.problem().orElseThrow().code());
        assertThat(remembered.problem().orElseThrow()).hasMessage(failed.problem().orElseThrow().getMessage());
        assertThat(world.engine.operations().find(done.id()).orElseThrow().status()).isEqualTo(Status.SUCCEEDED);
    }

    @Test void aRecordThatCannotBeReadStopsTheStartAndChangesNothing() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        world.kill();
        var key = "/instances/" + id.value();
        var good = world.store.get(key).orElseThrow().value();
        for (var bad : List.of("{", good.replace("\"v\":1", "\"v\":9"), good.replace("\"cpus\":1", "\"cpus\":\"one\""))) {
            world.store.commit(List.of(), List.of(new Write.Put(key, bad)));
            assertThatThrownBy(world::restart).isInstanceOf(IOException.class).hasMessageContaining(key)
                    .hasMessageContaining("nothing was changed");
            assertThat(world.host.running()).hasSize(1);
        }
        world.store.commit(List.of(), List.of(new Write.Put(key, good)));
        world.restart();
        World.eventually("adopted", () -> world.get(id).accelerator().isPresent());
    }

    @Test void aMachineThatCannotBeReachedIsLookedForAgain() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        world.kill();
        // The first looks fail, as when its monitor does not answer; so does the one look at the disks.
        var next = world.host.connect().failingAtCalls(1, Limits.TRIES_MAX + 1);
        world.open(next);
        World.eventually("looked for", () -> next.calls().size() > Limits.TRIES_MAX + 1);
        assertThat(world.phase(id)).isEqualTo("running");
        assertThatThrownBy(() -> world.engine.exec(id, echo(), Optional.empty(), world.soon()))
                .isInstanceOf(Problem.class).hasMessageContaining("cannot be reached yet");
        World.eventually("adopted", () -> world.get(id).accelerator().isPresent());
        world.engine.exec(id, echo(), Optional.empty(), world.soon()).close();
    }

    @Test void aMachineThatCannotBeReachedCanBeEnded() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        world.kill();
        var next = world.host.connect().failingAtCalls(1, Limits.TRIES_MAX + 1);
        world.open(next);
        World.eventually("looked for", () -> next.calls().size() > Limits.TRIES_MAX + 1);
        world.succeed(world.engine.stop(id, Optional.of(Duration.ofSeconds(1))));
        assertThat(world.get(id).phase()).isEqualTo(new Phase.Stopped(Optional.of(ExitStatus.KILLED)));
        Truth.check(world, "ended");
    }

    @Test void aThousandInstancesAreListedAtOnce() throws Exception {
        try (var many = new World(2, SimTime.instant(World.DAWN))) {
            var operations = new ArrayList<Operation>();
            for (int i = 0; i < 1000; i++) {
                operations.add(many.engine.create(World.spec("vm" + i, "tiny", "sleep", "infinity"), Pull.MISSING));
            }
            for (var operation : operations) {
                many.succeed(operation);
            }
            for (var instance : many.engine.list()) {
                operations.add(many.engine.start(instance.id()));
            }
            for (var operation : operations.subList(1000, 2000)) {
                many.await(operation);
            }
            assertThat(many.host.running()).hasSize(1000);
            many.kill();
            long before = System.nanoTime();
            many.restart();
            assertThat(many.engine.list()).hasSize(1000);
            var opened = Duration.ofNanos(System.nanoTime() - before);
            World.eventually("all adopted", () -> many.engine.list().stream().allMatch(i -> i.accelerator().isPresent()));
            System.out.println("1000 instances: opened in %d ms, adopted in %d ms".formatted(opened.toMillis(),
                    Duration.ofNanos(System.nanoTime() - before).toMillis()));
            assertThat(opened).isLessThan(Duration.ofSeconds(10));
        }
    }

    private static ProcessSpec echo() {
        return new ProcessSpec(Optional.empty(), List.of("echo", "hello"), Map.of(), Optional.empty(), Optional.empty(),
                false, false);
    }
}
