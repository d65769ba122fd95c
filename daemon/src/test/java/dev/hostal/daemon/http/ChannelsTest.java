package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.ExecV1;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Programs, consoles and connections over WebSockets.
@Timeout(60)
class ChannelsTest {
    /// What came, and how it ended.
    private static final class Heard implements Hostal.Streams.Sink {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final CountDownLatch started = new CountDownLatch(1);

        @Override public void started() {
            started.countDown();
        }

        @Override public synchronized void stdout(byte[] bytes, int offset, int length) {
            out.write(bytes, offset, length);
        }

        @Override public synchronized void stderr(byte[] bytes, int offset, int length) {
            err.write(bytes, offset, length);
        }

        synchronized String text() {
            return out.toString();
        }
    }

    private TestServer server;

    @BeforeEach void start() throws IOException {
        server = new TestServer();
        server.engine.running("web");
    }

    @AfterEach void stop() throws IOException {
        server.close();
    }

    @Test void bothStreamsAndTheStatusArrive() throws IOException {
        var heard = new Heard();
        try (var streams = exec("both")) {
            assertThat(streams.receive(heard)).isEqualTo(OptionalInt.of(3));
        }
        assertThat(heard.out).hasToString("to stdout");
        assertThat(heard.err).hasToString("to stderr");
        assertThat(heard.started.getCount()).isZero();
    }

    @Test void twentyMegabytesGoThroughAndBackUnchanged() throws Exception {
        var bytes = new byte[20 << 20];
        new Random(5).nextBytes(bytes);
        var heard = new Heard();
        try (var streams = exec("cat")) {
            var received = receive(streams, heard);
            for (int done = 0; done < bytes.length; done += 1 << 20) {
                streams.sendStdin(bytes, done, 1 << 20);
            }
            streams.closeStdin();
            assertThat(received.get()).isEqualTo(OptionalInt.of(0));
        }
        assertThat(Arrays.equals(heard.out.toByteArray(), bytes)).isTrue();
    }

    @Test void outputGoesOnAfterTheEndOfInput() throws Exception {
        var heard = new Heard();
        try (var streams = exec("flood", "300000")) {
            streams.closeStdin();
            assertThat(streams.receive(heard)).isEqualTo(OptionalInt.of(0));
        }
        assertThat(heard.out.size()).isEqualTo(300_000);
    }

    @Test void sizesAndSignalsArrive() throws Exception {
        var heard = new Heard();
        try (var streams = exec("report")) {
            var received = receive(streams, heard);
            heard.started.await();
            streams.resize(80, 25);
            streams.signal("INT");
            streams.signal("SIGUSR1");
            streams.signal("KILL");
            assertThat(received.get()).isEqualTo(OptionalInt.of(137));
        }
        assertThat(heard.out).hasToString("80x25 INT USR1 KILL ");
    }

    @Test void theProgramIsLetGoWhenTheClientGoes() throws Exception {
        for (var program : List.of("sleep", "cat", "flood")) {
            var streams = exec(program, "1000000000");
            var heard = new Heard();
            var received = receive(streams, heard);
            heard.started.await();
            streams.close();
            assertThat(received).failsWithin(Duration.ofSeconds(10));
            awaitNoProgram();
        }
    }

    @Test void aClientThatReadsNothingIsFoundToBeGone() throws Exception {
        var streams = exec("flood", "1000000000");
        while (server.engine.openPrograms.get() == 0) {
            Thread.sleep(5);
        }
        Thread.sleep(300);
        streams.close();
        awaitNoProgram();
    }

    @Test void aProgramThatNeverReadsDoesNotHideThatTheClientIsGone() throws Exception {
        var streams = exec("deaf");
        var sending = CompletableFuture.runAsync(() -> {
            try {
                while (true) {
                    streams.sendStdin(new byte[60_000], 0, 60_000);
                }
            } catch (IOException _) {
                // Closed below: what was sent meanwhile was bounded by the sockets' buffers.
            }
        });
        Thread.sleep(500);
        assertThat(sending).isNotDone();
        streams.close();
        sending.get();
        awaitNoProgram();
    }

    @Test void failuresToOpenAreSaid() throws IOException {
        try (var streams = exec("unopenable")) {
            assertThatThrownBy(() -> streams.receive(new Heard())).isInstanceOfSatisfying(ApiException.class, e ->
                    assertThat(e.error().code()).isEqualTo("DRIVER_FAILED"));
        }
        try (var streams = server.hostal().exec("web", command(List.of()))) {
            assertThatThrownBy(() -> streams.receive(new Heard())).isInstanceOfSatisfying(ApiException.class, e ->
                    assertThat(e.error().member()).contains("exec.command"));
        }
        try (var streams = exec("vanish")) {
            assertThatThrownBy(() -> streams.receive(new Heard())).hasMessageContaining("the guest is gone");
        }
        server.hostal().act("web", "kill", Map.of());
        try (var streams = exec("vanish")) {
            assertThatThrownBy(() -> streams.receive(new Heard()))
                    .hasMessageContaining("The machine of instance web ended, and the program with it.");
        }
        server.hostal().act("web", "start", Map.of());
        assertThatThrownBy(() -> server.hostal().exec("nobody", command(List.of("cat"))))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("INSTANCE_NOT_FOUND"));
        assertThatThrownBy(() -> server.hostal().connect("web", 70_000)).hasMessageContaining("from 1 to 65535");
    }

    @Test void aBadControlMessageEndsItWithAWord() throws Exception {
        try (var streams = exec("sleep")) {
            var heard = new Heard();
            var received = receive(streams, heard);
            heard.started.await();
            streams.signal("not a signal");
            assertThat(received).failsWithin(Duration.ofSeconds(10)).withThrowableThat()
                    .withMessageContaining("is not the name of a signal");
        }
        awaitNoProgram();
    }

    @Test void attachConsoleAndConnectEcho() throws Exception {
        for (var streams : List.of(server.hostal().attach("web"), server.hostal().console("web"),
                server.hostal().connect("web", 22))) {
            try (streams) {
                var heard = new Heard();
                var received = receive(streams, heard);
                heard.started.await();
                streams.resize(80, 25);
                streams.sendStdin("hello".getBytes(), 0, 5);
                while (!heard.text().contains("hello")) {
                    Thread.sleep(5);
                }
                streams.closeStdin();
                received.get();
                assertThat(heard.text()).endsWith("hello");
            }
        }
    }

    @Test void theDaemonsEndEndsThemAndSaysSo() throws Exception {
        var heard = new Heard();
        try (var streams = exec("sleep")) {
            var received = receive(streams, heard);
            heard.started.await();
            server.api.close();
            assertThat(received).failsWithin(Duration.ofSeconds(10)).withThrowableThat()
                    .withMessageContaining("The daemon is ending");
        }
        awaitNoProgram();
    }

    private void awaitNoProgram() throws InterruptedException {
        Eventually.holds(() -> server.engine.openPrograms.get() == 0);
    }

    private Hostal.Streams exec(String... argv) throws IOException {
        return server.hostal().exec("web", command(List.of(argv)));
    }

    private static ExecV1 command(List<String> argv) {
        return new ExecV1(argv, Map.of(), Optional.empty(), Optional.empty(), false, true, 0, 0);
    }

    private static CompletableFuture<OptionalInt> receive(Hostal.Streams streams, Heard heard) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return streams.receive(heard);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, task -> Thread.ofVirtual().start(task));
    }
}
