package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.core.Operation.Status;
import dev.hostal.model.Arch;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Phase;
import dev.hostal.model.ProcessSpec;
import dev.hostal.spi.GuestProcess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The life of instances on a simulated host, as a face asks for it.
final class LifeTest {
    private World world;

    @BeforeEach void begin() throws Exception {
        world = new World(1);
    }

    @AfterEach void end() {
        world.close();
    }

    @Test void aProgramRunsAndItsOutputAndExitStatusComeBack() throws Exception {
        var id = world.create(World.spec("hello", "tiny", "sh", "-c", "echo out; echo err >&2; exit 3"));
        try (var process = world.engine.attach(id, world.soon())) {
            world.succeed(world.engine.start(id));
            assertThat(text(process)).isEqualTo("out\n");
            assertThat(new String(process.stderr().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("err\n");
            assertThat(process.waitForExit()).isEqualTo(new ExitStatus(3));
        }
        assertThat(world.engine.waitForExit(id, world.soon())).contains(new ExitStatus(3));
        assertThat(world.get(id).phase()).isEqualTo(new Phase.Stopped(Optional.of(new ExitStatus(3))));
        assertThat(world.get(id).finishedAt()).isPresent();
        assertThat(world.host.leftovers()).isEmpty();
    }

    @Test void whatIsRemovedAtItsEndIsGoneAndNothingOfItsOutputIsLost() throws Exception {
        var id = world.create(World.removed("brief", "sh", "-c", "echo " + "x".repeat(50_000) + "; exit 5"));
        try (var process = world.engine.attach(id, world.soon())) {
            world.succeed(world.engine.start(id));
            Thread.sleep(50);
            assertThat(text(process)).hasSize(50_001);
            process.stderr().readAllBytes();
            assertThat(process.waitForExit()).isEqualTo(new ExitStatus(5));
        }
        World.eventually("removed", () -> world.engine.list().isEmpty());
        assertThat(world.host.contents()).isEmpty();
        assertThat(world.store.list("/instances/")).isEmpty();
        assertThat(world.store.list("/names/")).isEmpty();
        assertThatThrownBy(() -> world.engine.get("brief")).isInstanceOf(Problem.class)
                .hasMessage("There is no instance brief.");
    }

    @Test void standardInputReachesTheProgram() throws Exception {
        var id = world.create(World.spec("cat", "tiny", "cat"));
        try (var process = world.engine.attach(id, world.soon())) {
            world.succeed(world.engine.start(id));
            process.stdin().write("hello".getBytes(StandardCharsets.UTF_8));
            process.stdin().close();
            assertThat(text(process)).isEqualTo("hello");
            assertThat(process.waitForExit()).isEqualTo(new ExitStatus(0));
        }
    }

    @Test void stopAsksAndPauseHoldsAndRestartStartsAgain() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        assertThat(world.get(id).addresses()).containsExactly("10.0.2.15");
        assertThat(world.get(id).accelerator()).contains("sim");
        world.succeed(world.engine.pause(id));
        assertThat(world.phase(id)).isEqualTo("paused");
        assertThatThrownBy(() -> world.engine.exec(id, exec("true"), Optional.empty(), world.soon()))
                .isInstanceOf(Problem.class).hasMessageContaining("is paused");
        world.succeed(world.engine.resume(id));
        assertThat(world.phase(id)).isEqualTo("running");
        var first = world.get(id).startedAt();
        world.succeed(world.engine.restart(id, Optional.empty()));
        assertThat(world.phase(id)).isEqualTo("running");
        assertThat(world.get(id).startedAt()).isNotEqualTo(first);
        world.succeed(world.engine.stop(id, Optional.empty()));
        assertThat(world.get(id).phase()).isEqualTo(new Phase.Stopped(Optional.of(new ExitStatus(143))));
        assertThat(world.get(id).addresses()).isEmpty();
        assertThat(world.get(id).accelerator()).isEmpty();
        assertThat(world.host.leftovers()).isEmpty();
    }

    @Test void aDeafGuestIsKilledAfterItsTime() throws Exception {
        world.host.deafenGuests(true);
        var id = world.running("deaf", "sleep", "infinity");
        world.succeed(world.engine.stop(id, Optional.of(Duration.ofMillis(50))));
        assertThat(world.get(id).phase()).isEqualTo(new Phase.Stopped(Optional.of(ExitStatus.KILLED)));
    }

    @Test void aKillHastensAStop() throws Exception {
        world.host.deafenGuests(true);
        var id = world.running("deaf", "sleep", "infinity");
        var stop = world.engine.stop(id, Optional.of(Duration.ofMinutes(30)));
        var kill = world.engine.kill(id, "SIGKILL");
        world.succeed(kill);
        world.succeed(stop);
        assertThat(world.phase(id)).isEqualTo("stopped");
    }

    @Test void aSignalReachesTheProgram() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        world.succeed(world.engine.kill(id, "int"));
        assertThat(world.engine.waitForExit(id, world.soon())).contains(new ExitStatus(130));
        assertThatThrownBy(() -> world.engine.kill(id, "; rm -rf /")).isInstanceOf(Problem.class)
                .extracting(e -> ((Problem) e).code()).isEqualTo(ErrorCode.BAD_REQUEST);
    }

    @Test void anImageWithAnInitBootsIt() throws Exception {
        var process = ProcessSpec.OF_IMAGE;
        var id = world.create(World.spec("system", "debian:12", false, process));
        world.succeed(world.engine.start(id));
        assertThat(world.phase(id)).isEqualTo("running");
        try (var shell = world.engine.exec(id, exec("uname", "-m"), Optional.empty(), world.soon())) {
            assertThat(text(shell)).isEqualTo("x86_64\n");
            assertThat(shell.waitForExit()).isEqualTo(new ExitStatus(0));
        }
        world.succeed(world.engine.stop(id, Optional.empty()));
        assertThat(world.get(id).phase()).isEqualTo(new Phase.Stopped(Optional.of(new ExitStatus(0))));
    }

    @Test void filesGoInAndOut() throws Exception {
        var id = world.running("files", "sleep", "infinity");
        byte[] archive;
        try (var out = world.engine.writeTar(id, "/etc", world.soon())) {
            archive = tarOf("motd", "hello");
            out.write(archive);
        }
        try (var in = world.engine.readTar(id, "/etc/motd", world.soon())) {
            assertThat(in.readAllBytes()).isEqualTo(archive);
        }
    }

    @Test void filesOfOneThatDoesNotRunGoInAndOutToo() throws Exception {
        var id = world.create(World.spec("still", "tiny", "sleep", "infinity"));
        var archive = tarOf("motd", "hello");
        try (var out = world.engine.writeTar(id, "/etc", world.soon())) {
            out.write(archive);
        }
        assertThat(world.phase(id)).isEqualTo("stopped");
        assertThat(world.host.leftovers()).isEmpty();
        world.succeed(world.engine.start(id));
        try (var in = world.engine.readTar(id, "/etc/motd", world.soon())) {
            assertThat(in.readAllBytes()).isEqualTo(archive);
        }
    }

    @Test void whoCopiesFilesOfOneThatDoesNotRunHasItsDisk() throws Exception {
        var id = world.create(World.spec("still", "tiny", "sleep", "infinity"));
        Operation asked;
        try (var out = world.engine.writeTar(id, "/etc", world.soon())) {
            out.write(tarOf("motd", "hello"));
            var waiting = world.engine.snapshots().create(id, Optional.empty(), "", false, false);
            World.eventually("waits", () -> world.engine.operations().find(waiting.id()).orElseThrow().stage().contains("waiting for files"));
            asked = waiting;
        }
        world.succeed(asked);
        assertThat(world.host.leftovers()).isEmpty();
    }

    @Test void whoStopsItSaysWithWhichSignal() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        world.succeed(world.engine.stop(id, Optional.empty(), Optional.of("SIGINT")));
        assertThat(world.get(id).phase()).isEqualTo(new Phase.Stopped(Optional.of(new ExitStatus(130))));
        assertThatThrownBy(() -> world.engine.stop(id, Optional.empty(), Optional.of("; rm"))).isInstanceOf(Problem.class);
    }

    @Test void aVanishedMachineIsAFailureAndSaysSo() throws Exception {
        var id = world.running("web", "sleep", "infinity");
        world.host.crash(id);
        World.eventually("failed", () -> world.phase(id).equals("failed"));
        assertThat(((Phase.Failed) world.get(id).phase()).reason()).contains("without a word");
        assertThat(world.engine.waitForExit(id, world.soon())).contains(ExitStatus.KILLED);
        assertThat(world.host.leftovers()).isEmpty();
        world.succeed(world.engine.start(id));
        assertThat(world.phase(id)).isEqualTo("running");
    }

    @Test void aBootThatFailsLeavesTheReasonAndNothingElse() throws Exception {
        var id = world.create(World.spec("broken", "tiny", "true"));
        world.host.breakBoots(true);
        var done = world.await(world.engine.start(id));
        assertThat(done.status()).isEqualTo(Status.FAILED);
        assertThat(done.problem().orElseThrow().code()).isEqualTo(ErrorCode.GUEST_NOT_READY);
        assertThat(world.phase(id)).isEqualTo("failed");
        assertThat(world.host.leftovers()).isEmpty();
        world.host.breakBoots(false);
        world.host.fillDisk(true);
        assertThat(world.await(world.engine.start(id)).problem().orElseThrow().code()).isEqualTo(ErrorCode.NO_SPACE);
    }

    @Test void namesAreUniqueAndCanBeChanged() throws Exception {
        var id = world.create(World.spec("one", "tiny", "true"));
        assertThatThrownBy(() -> world.engine.create(World.spec("one", "tiny", "true"), Pull.MISSING))
                .isInstanceOf(Problem.class).extracting(e -> ((Problem) e).code()).isEqualTo(ErrorCode.NAME_IN_USE);
        var other = world.create(World.spec("other", "tiny", "true"));
        assertThatThrownBy(() -> world.engine.rename(other, new InstanceName("one"))).isInstanceOf(Problem.class);
        assertThat(world.engine.rename(id, new InstanceName("two")).name().value()).isEqualTo("two");
        assertThat(world.engine.get("two").id()).isEqualTo(id);
        assertThat(world.engine.get(id.brief()).id()).isEqualTo(id);
        world.create(World.spec("one", "tiny", "true"));
        assertThat(world.store.list("/names/")).extracting(e -> e.key()).containsExactly("/names/one", "/names/other",
                "/names/two");
        assertThatThrownBy(() -> world.engine.get("")).isInstanceOf(Problem.class);
    }

    @Test void aWrongArchitectureOrImageIsRefusedAndTheNameIsFreeAgain() throws Exception {
        var spec = World.spec("a", "tiny", "true");
        var arm = new InstanceSpec(spec.name(), spec.kind(), ImageReference.parse("intel-only"),
                Optional.of(Arch.AARCH64), 1, spec.memory(), spec.diskSize(), spec.boot(),
                spec.process(), Optional.empty(), Map.of(), false, spec.stopTimeout());
        assertThat(world.await(world.engine.create(arm, Pull.MISSING)).problem().orElseThrow().code())
                .isEqualTo(ErrorCode.WRONG_ARCHITECTURE);
        assertThat(world.await(world.engine.create(World.spec("a", "unknown"), Pull.MISSING)).problem().orElseThrow()
                .code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        assertThat(world.await(world.engine.create(World.spec("a", "tiny"), Pull.NEVER)).problem().orElseThrow()
                .code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        assertThat(world.await(world.engine.create(World.spec("a", "nothing"), Pull.MISSING)).problem().orElseThrow()
                .code()).isEqualTo(ErrorCode.BAD_REQUEST);
        world.create(spec);
    }

    @Test void imagesInUseStay() throws Exception {
        var tiny = ImageReference.parse("tiny");
        world.succeed(world.engine.pullImage(tiny, Optional.empty()));
        assertThat(world.engine.images()).hasSize(1);
        var id = world.create(World.spec("one", "tiny", "true"));
        assertThatThrownBy(() -> world.engine.deleteImage(tiny)).isInstanceOf(Problem.class)
                .hasMessageContaining("in use by one");
        world.succeed(world.engine.delete(id, false));
        world.engine.deleteImage(tiny);
        assertThat(world.engine.images()).isEmpty();
        assertThatThrownBy(() -> world.engine.deleteImage(tiny)).isInstanceOf(Problem.class)
                .extracting(e -> ((Problem) e).code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
    }

    @Test void whatIsSoAlreadySucceedsAndWhatMakesNoSenseIsRefused() throws Exception {
        var id = world.create(World.spec("one", "tiny", "sleep", "infinity"));
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.succeed(world.engine.kill(id, "KILL"));
        assertThatThrownBy(() -> world.engine.pause(id)).isInstanceOf(Problem.class)
                .hasMessage("Instance one is not running; pause is not possible now.");
        world.succeed(world.engine.start(id));
        world.succeed(world.engine.start(id));
        assertThatThrownBy(() -> world.engine.delete(id, false)).isInstanceOf(Problem.class)
                .extracting(e -> ((Problem) e).code()).isEqualTo(ErrorCode.WRONG_PHASE);
        world.succeed(world.engine.delete(id, true));
        assertThat(world.host.contents()).isEmpty();
    }

    @Test void twoStartsAtOnceAreOne() throws Exception {
        var id = world.create(World.spec("one", "tiny", "sleep", "infinity"));
        var first = world.engine.start(id);
        var second = world.engine.start(id);
        world.succeed(second);
        world.succeed(first);
        assertThat(world.session.calls().stream().filter("driver.start: process"::equals)).hasSize(1);
    }

    @Test void aStartWhileStoppingComesAfterIt() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        var stop = world.engine.stop(id, Optional.empty());
        var start = world.engine.start(id);
        world.succeed(stop);
        world.succeed(start);
        assertThat(world.phase(id)).isEqualTo("running");
    }

    @Test void aDeleteByForceGivesUpAStart() throws Exception {
        var id = world.create(World.spec("one", "tiny", "sleep", "infinity"));
        var start = world.engine.start(id);
        assertThatThrownBy(() -> world.engine.delete(id, false)).isInstanceOf(Problem.class);
        world.succeed(world.engine.delete(id, true));
        assertThat(world.await(start).status()).isEqualTo(Status.CANCELLED);
        assertThat(world.engine.list()).isEmpty();
        assertThat(world.host.contents()).isEmpty();
    }

    @Test void aStopGivesUpAStart() throws Exception {
        var id = world.create(World.spec("one", "tiny", "sleep", "infinity"));
        var start = world.engine.start(id);
        world.succeed(world.engine.stop(id, Optional.empty()));
        assertThat(world.await(start).status()).isEqualTo(Status.CANCELLED);
        assertThat(world.phase(id)).isEqualTo("stopped");
        assertThat(world.host.leftovers()).isEmpty();
    }

    @Test void aCancelledOperationLeavesNothing() throws Exception {
        var create = world.engine.create(World.spec("one", "tiny", "true"), Pull.MISSING);
        world.engine.operations().cancel(create.id());
        var done = world.await(create);
        if (done.status() == Status.CANCELLED) {
            assertThat(world.engine.list()).isEmpty();
            assertThat(world.store.list("/names/")).isEmpty();
        }
        var id = world.create(World.spec("two", "tiny", "sleep", "infinity"));
        var start = world.engine.start(id);
        world.engine.operations().cancel(start.id());
        assertThat(world.await(start).status()).isEqualTo(Status.CANCELLED);
        assertThat(world.phase(id)).isEqualTo("stopped");
        assertThat(world.host.leftovers()).isEmpty();
    }

    @Test void aClientThatAttachedIsToldWhenNothingComes() throws Exception {
        var id = world.create(World.spec("broken", "tiny", "true"));
        world.host.breakBoots(true);
        try (var process = world.engine.attach(id, world.soon())) {
            world.await(world.engine.start(id));
            assertThatThrownBy(() -> process.stdout().read()).hasMessageContaining("stopped at its kernel");
        }
    }

    @Test void eventsTellTheWholeStory() throws Exception {
        var id = world.create(World.removed("one", "true"));
        try (var events = world.engine.events().subscribe(0)) {
            world.succeed(world.engine.start(id));
            World.eventually("gone", () -> world.engine.list().isEmpty());
            var seen = new ArrayList<String>();
            for (var event = events.next(Deadline.in(Duration.ofMillis(200))); event.isPresent();
                    event = events.next(Deadline.in(Duration.ofMillis(200)))) {
                seen.add(event.get().type() + event.get().attributes().getOrDefault("to", ""));
            }
            assertThat(seen).containsExactly("image.pulled", "instance.created", "instance.phasestarting",
                    "instance.phaserunning", "instance.phasestopped", "instance.phasedeleting", "instance.deleted");
        }
    }

    @Test void manyAtOnceAllComeUp() throws Exception {
        var ids = new ArrayList<InstanceId>();
        for (int i = 0; i < 40; i++) {
            ids.add(world.create(World.spec("vm" + i, "tiny", "sleep", "infinity")));
        }
        var starts = ids.stream().map(world.engine::start).toList();
        for (var start : starts) {
            world.succeed(start);
        }
        assertThat(world.host.running()).hasSize(40);
        var deletes = ids.stream().map(id -> world.engine.delete(id, true)).toList();
        for (var delete : deletes) {
            world.succeed(delete);
        }
        assertThat(world.host.contents()).isEmpty();
    }

    private static ProcessSpec exec(String... command) {
        return new ProcessSpec(Optional.empty(), List.of(command), Map.of(), Optional.empty(), Optional.empty(), false,
                false);
    }

    private static String text(GuestProcess process) throws Exception {
        return new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static byte[] tarOf(String name, String content) {
        var archive = new byte[2048];
        var bytes = content.getBytes(StandardCharsets.US_ASCII);
        put(archive, 0, name);
        put(archive, 100, "0000644\0");
        put(archive, 108, "0000000\0");
        put(archive, 116, "0000000\0");
        put(archive, 124, "%011o\0".formatted(bytes.length));
        put(archive, 136, "00000000000\0");
        put(archive, 148, "        ");
        archive[156] = '0';
        put(archive, 257, "ustar\00000");
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += archive[i] & 0xff;
        }
        put(archive, 148, "%06o\0 ".formatted(sum));
        put(archive, 512, content);
        return archive;
    }

    private static void put(byte[] archive, int offset, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, archive, offset, bytes.length);
    }
}
