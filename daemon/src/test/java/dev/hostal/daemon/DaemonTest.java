package dev.hostal.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.api.ExecV1;
import dev.hostal.api.Places;
import dev.hostal.client.Hostal;
import dev.hostal.client.NoDaemonException;
import dev.hostal.client.UnixHostal;
import dev.hostal.daemon.Daemon.Process;
import dev.hostal.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The daemon as a whole, on a simulated host.
@Timeout(60)
class DaemonTest {
    @TempDir Path folder;

    private Settings settings() {
        return new Settings(Places.under(folder.resolve("h")), OptionalInt.of(0), "never", false, Optional.empty(),
                Optional.empty(), "info", false);
    }

    private Daemon daemon(Daemon.EngineMaker maker) throws IOException {
        return new Daemon(settings(), new Process(ProcessHandle.current().pid(), "test", Clock.systemUTC(), new Random(1)),
                Duration.ofMillis(200), maker);
    }

    private Wired simulated() throws IOException, InterruptedException {
        return SimulatedHost.wire(0, Clock.systemUTC().instant(), new Random(1));
    }

    private Hostal hostal() {
        return new UnixHostal(settings().places().socket());
    }

    @Test void aMachineIsCreatedStartedUsedAndDeleted() throws Exception {
        try (var daemon = daemon(this::simulated)) {
            daemon.start();
            var body = CreateInstanceV1.from(JsonObject.parse("""
                    {"image": "tiny", "name": "web", "command": ["sleep", "infinity"]}"""));
            hostal().follow(hostal().create(body), _ -> {});
            hostal().follow(hostal().act("web", "start", Map.of()), _ -> {});
            assertThat(hostal().instance("web").phase()).isEqualTo("running");
            var out = new ByteArrayOutputStream();
            try (var streams = hostal().exec("web", new ExecV1(List.of("echo", "hi"), Map.of(), Optional.empty(),
                    Optional.empty(), false, false, 0, 0))) {
                assertThat(streams.receive(new Collected(out))).hasValue(0);
            }
            assertThat(out).hasToString("hi\n");
            hostal().follow(hostal().delete("web", true), _ -> {});
            assertThat(hostal().instances()).isEmpty();
        }
    }

    @Test void aSimulatedHostHasAsManyInstancesAsAskedFor() throws Exception {
        try (var daemon = daemon(() -> SimulatedHost.wire(20, Clock.systemUTC().instant(), new Random(1)))) {
            daemon.start();
            while (hostal().instances().size() < 20) {
                Thread.sleep(20);
            }
            assertThat(hostal().instances()).extracting(one -> one.name()).contains("sim-0001", "sim-0020");
        }
    }

    private record Collected(ByteArrayOutputStream out) implements Hostal.Streams.Sink {
        @Override public void stdout(byte[] bytes, int offset, int length) {
            out.write(bytes, offset, length);
        }

        @Override public void stderr(byte[] bytes, int offset, int length) {
            out.write(bytes, offset, length);
        }
    }

    @Test void itListensBeforeItsEngineIsThereAndRequestsWait() throws Exception {
        var slow = new CountDownLatch(1);
        try (var daemon = daemon(() -> {
            slow.await();
            return simulated();
        })) {
            daemon.start();
            assertThat(hostal().daemon().driver()).isEqualTo("sim");
            var waiting = CompletableFuture.supplyAsync(this::listQuietly, task -> Thread.ofVirtual().start(task));
            Thread.sleep(300);
            assertThat(waiting).isNotDone();
            slow.countDown();
            assertThat(waiting.get()).isEmpty();
            assertThat(hostal().doctor()).extracting(probe -> probe.name()).contains("sim");
        }
    }

    private List<?> listQuietly() {
        try {
            return hostal().instances();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test void aDaemonThatCannotWorkEndsAndSaysWhy() throws Exception {
        try (var daemon = daemon(() -> {
            throw new IOException("the store is torn");
        })) {
            daemon.start();
            assertThat(daemon.waitForEnd()).isTrue();
            assertThatThrownBy(() -> hostal().instances()).hasMessageContaining("the store is torn");
        }
        assertThat(Files.readString(settings().places().home().resolve("daemon.log"))).contains("the store is torn");
    }

    @Test void stopIsAnsweredAndThenTheDaemonIsGone() throws Exception {
        try (var daemon = daemon(this::simulated)) {
            daemon.start();
            hostal().stopDaemon();
            assertThat(daemon.waitForEnd()).isFalse();
        }
        assertThatThrownBy(() -> hostal().daemon()).isInstanceOf(NoDaemonException.class)
                .hasMessageContaining("hostal daemon start");
        assertThat(settings().places().socket()).doesNotExist();
        assertThat(settings().places().pidFile()).doesNotExist();
    }

    @Test void foldersAndSocketAreNobodyElses() throws Exception {
        try (var daemon = daemon(this::simulated)) {
            daemon.start();
            var places = settings().places();
            assertThat(modeOf(places.home())).isEqualTo("rwx------");
            assertThat(modeOf(places.run())).isEqualTo("rwx------");
            assertThat(modeOf(places.socket())).isEqualTo("rw-------");
            assertThat(Files.readString(places.pidFile())).isEqualTo(ProcessHandle.current().pid() + "\n");
        }
    }

    private static String modeOf(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test void aSecondDaemonSaysWhoHoldsTheHome() throws Exception {
        var first = process("--simulate");
        try {
            awaitListening(first);
            var second = process("--simulate");
            assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(second.exitValue()).isEqualTo(125);
            assertThat(new String(second.getErrorStream().readAllBytes()))
                    .isEqualTo("hostal: Another daemon, process %d, holds %s.\n".formatted(first.pid(), folder.resolve("h")));
            assertThat(hostal().daemon().pid()).isEqualTo(first.pid());
        } finally {
            first.destroyForcibly().waitFor();
        }
    }

    @Test void aKilledDaemonsPlaceIsTakenByTheNext() throws Exception {
        var killed = process("--simulate");
        awaitListening(killed);
        killed.destroyForcibly().waitFor();
        assertThat(settings().places().socket()).exists();
        assertThatThrownBy(() -> hostal().daemon()).isInstanceOf(NoDaemonException.class);
        var next = process("--simulate");
        try {
            awaitListening(next);
            assertThat(hostal().daemon().pid()).isEqualTo(next.pid());
        } finally {
            next.destroy();
        }
        assertThat(next.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(settings().places().socket()).doesNotExist();
        assertThat(Files.readString(settings().places().home().resolve("daemon.log"))).contains("daemon.ended");
    }

    @Test void whatIsWrongWithTheFlagsIsSaidOnStandardError() throws Exception {
        var process = process("--simulat");
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(125);
        assertThat(new String(process.getErrorStream().readAllBytes())).startsWith("hostal: --simulat is not a flag");
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
    }

    private java.lang.Process process(String... flags) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var argv = new ArrayList<>(List.of(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        argv.addAll(List.of(flags));
        var builder = new ProcessBuilder(argv);
        builder.environment().put("HOSTAL_HOME", folder.resolve("h").toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("JAVA_TOOL") || name.startsWith("JDK_JAVA"));
        return builder.start();
    }

    private void awaitListening(java.lang.Process process) throws InterruptedException, IOException {
        while (process.isAlive()) {
            try {
                hostal().daemon();
                return;
            } catch (NoDaemonException _) {
                Thread.sleep(20);
            }
        }
        throw new AssertionError(new String(process.getErrorStream().readAllBytes()));
    }
}
