package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.ExecV1;
import dev.hostal.client.Hostal;
import dev.hostal.spi.MachineLogs.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients that send anything, leave at any moment, or never leave.
@Timeout(120)
class AbuseTest {
    private static final int CLIENTS = 200;

    private TestServer server;

    @BeforeEach void start() throws IOException {
        server = new TestServer();
        server.engine.running("web");
    }

    @AfterEach void stop() throws IOException {
        server.close();
    }

    @Test void randomBytesNeverEndTheServer() throws IOException {
        long seed = Long.getLong("seed", 20261123L);
        var random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            try (var raw = server.raw()) {
                raw.send(mutated(random));
            } catch (IOException _) {
                // It was closed on us, as it may be.
            }
        }
        assertThat(server.hostal().daemon().build()).as("seed %d", seed).isEqualTo("test");
        assertThat(server.stops).as("seed %d", seed).hasValue(0);
    }

    /// Plain noise, or a good request or WebSocket with a few bytes of noise in it. None of them can be right by chance
    /// about ending the daemon.
    private static byte[] mutated(Random random) {
        var good = switch (random.nextInt(5)) {
            case 0 -> new byte[random.nextInt(2000)];
            case 1 -> bytes("GET /v1/instances/web HTTP/1.1\r\nHost: h\r\n\r\n");
            case 2 -> bytes("POST /v1/instances HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 16\r\n\r\n{\"image\":\"tiny\"}");
            case 3 -> bytes("PUT /v1/instances/web/files?path=/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5\r\nabcde\r\n0\r\n\r\n");
            default -> join(bytes("GET /v1/instances/web/exec HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: hostal.channels.v1\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), noise(random, random.nextInt(300)));
        };
        int changes = good.length == 0 ? 0 : 1 + random.nextInt(good.length < 100 ? 10 : 5);
        for (int i = 0; i < changes; i++) {
            good[random.nextInt(good.length)] = (byte) random.nextInt();
        }
        return good;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] noise(Random random, int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] join(byte[] first, byte[] second) {
        var both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test void abandonedStreamsLeaveNothingBehind() throws Exception {
        var warm = openStreams(10);
        warm.forEach(AbuseTest::close);
        awaitNoStreams();
        var before = Counts.now();

        var streams = openStreams(CLIENTS);
        while (server.api.streams() < CLIENTS) {
            Thread.sleep(10);
        }
        // While two hundred are idle, the daemon answers others at once.
        long began = System.nanoTime();
        server.hostal().instances();
        assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(10_000);
        assertThat(Counts.now().threads() - before.threads()).as("platform threads").isLessThan(20);

        streams.forEach(AbuseTest::close);
        awaitNoStreams();
        Eventually.holds(() -> Counts.now().descriptors() <= before.descriptors() + 3);
        Eventually.holds(() -> Counts.now().threads() < before.threads() + 10);
        Eventually.holds(() -> server.engine.openPrograms.get() == 0);
        Eventually.holds(() -> server.engine.events.subscriptions.get() == 0);
        Eventually.holds(() -> server.engine.logs.readers.get() == 0);
    }

    /// Event streams, followed logs, programs and waits by turns.
    private List<AutoCloseable> openStreams(int count) throws IOException {
        server.engine.logs.write(Stream.STDOUT, "x");
        var streams = new ArrayList<AutoCloseable>();
        for (int i = 0; i < count; i++) {
            streams.add(switch (i % 5) {
                case 0 -> raw("/v1/events");
                case 1 -> raw("/v1/instances/web/logs?follow=true");
                case 2 -> program();
                case 3 -> raw("/v1/instances/web/wait?timeout=3600");
                default -> server.hostal().attach("web");
            });
        }
        return streams;
    }

    private Raw raw(String target) throws IOException {
        return server.raw().send("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    private Hostal.Streams program() throws IOException {
        return server.hostal().exec("web", new ExecV1(List.of("sleep"), Map.of(), Optional.empty(), Optional.empty(), false,
                true, 0, 0));
    }

    private static void close(AutoCloseable stream) {
        try {
            stream.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void awaitNoStreams() throws InterruptedException {
        Eventually.holds(() -> server.api.streams() == 0);
    }

    @Test void clientsThatStopHalfWayDoNotHoldUpOthers() throws Exception {
        var halves = new ArrayList<Raw>();
        for (int i = 0; i < CLIENTS; i++) {
            halves.add(server.raw().send("POST /v1/instances HTTP/1.1\r\nHost: h\r\nContent-Le"));
        }
        for (int i = 0; i < CLIENTS; i++) {
            halves.add(server.raw().send("POST /v1/instances HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(server.hostal().instance("web").name()).isEqualTo("web");
        }
        for (var half : halves) {
            half.close();
        }
        assertThat(server.engine.changes).hasValue(0);
    }

    @Test void aThousandInstancesAreListedFast() throws IOException {
        for (int i = 0; i < 999; i++) {
            server.engine.running("i" + i);
        }
        for (int i = 0; i < 30; i++) {
            assertThat(server.hostal().instances()).hasSize(1000);
        }
        try (var raw = server.raw()) {
            long began = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                assertThat(raw.ask("GET", "/v1/instances").body().length()).isGreaterThan(400_000);
            }
            // Generous: it takes a millisecond or two, and this machine may be busy.
            assertThat((System.nanoTime() - began) / 20_000_000).isLessThan(200);
        }
    }

    /// What the process holds.
    private record Counts(long descriptors, int threads) {
        static Counts now() throws IOException {
            System.gc();
            try (var fds = Files.list(Path.of("/proc/self/fd")); var threads = Files.list(Path.of("/proc/self/task"))) {
                return new Counts(fds.count(), (int) threads.count());
            }
        }
    }
}
