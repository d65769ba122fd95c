package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What no client should send, and clients that leave: the right status, and nothing stays behind in the daemon.
@Tag("real")
@ExtendWith(OneHome.class)
class DockerBadInputTest {
    private static final Duration SETTLE_MAX = Duration.ofSeconds(90);
    /// What a daemon may have more than before for reasons of its own.
    private static final int SLACK = 12;

    private final Cli cli;
    private EngineSocket engine;
    private String running;

    DockerBadInputTest(Cli cli) {
        this.cli = cli;
    }

    @BeforeEach void aContainerRuns() throws Exception {
        engine = new EngineSocket(Path.of(cli.run("docker-env", "--json").succeeded().json().text("DOCKER_HOST")
                .substring("unix://".length())));
        // Once: it asks the package archive each time.
        if (engine.ask("GET", "/images/tiny/json", "").status() != 200) cli.run("image", "pull", "tiny").succeeded();
        var created = engine.ask("POST", "/containers/create?name=patient",
                "{\"Image\":\"tiny\",\"Cmd\":[\"sh\",\"-c\",\"while sleep 1; do echo tick; done\"],\"OpenStdin\":true,\"HostConfig\":{\"NetworkMode\":\"none\"}}");
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        running = "/containers/patient";
        assertThat(engine.ask("POST", running + "/start", "").status()).isEqualTo(204);
    }

    @AfterEach void theContainerGoes() throws Exception {
        engine.ask("DELETE", running + "?force=1", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "POST | /containers/create | { | 400", "POST | /containers/create | [] | 400", "POST | /containers/create | 7 | 400",
        "POST | /containers/create | {\"Image\":7} | 400", "POST | /containers/create | {\"Image\":\"tiny\",\"Cmd\":{}} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":[]} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":{\"Memory\":\"much\"}} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":{\"Memory\":1e400}} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":{\"Devices\":[7]}} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":{\"DeviceRequests\":[{\"Count\":1}]}} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":{\"PortBindings\":{\"70000/tcp\":[]}}} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":{\"OomKillDisable\":true}} | 400",
        "POST | /containers/create | {\"Image\":\"tiny\",\"HostConfig\":{\"Tmpfs\":{\"/t\":\"uid=7\"}}} | 400",
        "POST | /containers/create?name=%2e%2e | {\"Image\":\"tiny\"} | 400",
        "POST | /containers/create?name=%zz | {\"Image\":\"tiny\"} | 400",
        "POST | /containers/patient/exec | {\"Cmd\":7} | 400", "POST | /containers/patient/resize?h=-1&w=x | '' | 400",
        "POST | /containers/patient/kill?signal=NOTHING | '' | 400",
        "POST | /containers/patient/stop?t=soon | '' | 400", "GET | /containers/json?filters=[7] | '' | 400",
        "GET | /containers/json?limit=many | '' | 400",
        "GET | /containers/patient/logs?stdout=1&since=yesterday | '' | 400", "GET | /events?since=never | '' | 400",
        "GET | /v1.23/info | '' | 400", "GET | /v1.99/info | '' | 400", "GET | /v2.0/info | '' | 404",
        "GET | /nothing | '' | 404", "PATCH | /containers/json | '' | 405", "DELETE | /info | '' | 405",
        "POST | /networks/create | {\"Name\":7} | 400",
        "POST | /networks/create | {\"Name\":\"x\",\"IPAM\":{\"Config\":[{\"Subnet\":\"here\"}]}} | 400",
        "POST | /volumes/create | {\"Labels\":[]} | 400", "POST | /volumes/create | {\"Name\":\"../x\"} | 400",
        "POST | /build/none | '' | 404",
    })
    void everyBadRequestIsToldSo(String method, String path, String body, int status) throws IOException {
        var answer = engine.ask(method, path, body);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json()).as(answer.text()).isNotNull();
        assertThat(answer.text()).contains("\"message\"").doesNotContain("Exception", "fault of Hostal");
    }

    @Test void unknownMembersMakeNoDifference() throws IOException {
        var answer = engine.ask("POST", "/containers/create?name=unknown",
                "{\"Image\":\"tiny\",\"Cmd\":[\"true\"],\"Nobody\":{\"knows\":[1]},\"HostConfig\":{\"Neither\":true}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(engine.ask("DELETE", "/containers/unknown", "").status()).isEqualTo(204);
    }

    @Test void hugeBodiesAndHeadersAreRefused() throws IOException {
        var huge = ("{\"Image\":\"" + "x".repeat(8 << 20) + "\"}").getBytes(StandardCharsets.UTF_8);
        var head = "POST /containers/create HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n";
        assertThat(engine.send(head.formatted(huge.length), huge).status()).isEqualTo(413);
        assertThat(engine.send("GET /info HTTP/1.1\r\nHost: d\r\nX-Long: %s\r\n\r\n".formatted("y".repeat(1 << 20)),
                new byte[0]).status()).isEqualTo(431);
        assertThat(engine.send("NONSENSE\r\n\r\n", new byte[0]).status()).isEqualTo(400);
        assertThat(engine.ask("GET", "/_ping", "").text()).isEqualTo("OK");
    }

    @Test void whoHasSentAllMayStillRead() throws IOException {
        var created = engine.ask("POST", running + "/exec",
                "{\"Cmd\":[\"sh\",\"-c\",\"cat; echo end\"],\"AttachStdin\":true,\"AttachStdout\":true}");
        var id = created.text().replaceAll(".*\"Id\":\"([0-9a-f]+)\".*", "$1").strip();
        try (var channel = engine.open()) {
            EngineSocket.write(channel,
                    "POST /exec/%s/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                    .formatted(id).getBytes(StandardCharsets.US_ASCII));
            EngineSocket.write(channel, "typed\n".getBytes(StandardCharsets.US_ASCII));
            channel.shutdownOutput();
            var all = new StringBuilder();
            var piece = ByteBuffer.allocate(4096);
            while (channel.read(piece) >= 0) {
                all.append(StandardCharsets.ISO_8859_1.decode(piece.flip()));
                piece.clear();
            }
            assertThat(all.toString()).contains("101", "typed\n", "end\n");
        }
    }

    @Test void twoHundredIdleStreamsLeaveNothingBehind() throws Exception {
        long pid = cli.daemonPid();
        var requests = List.of("GET /events HTTP/1.1\r\nHost: d\r\n\r\n",
                "GET %s/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n".formatted(running),
                "GET %s/stats HTTP/1.1\r\nHost: d\r\n\r\n".formatted(running),
                "POST %s/wait HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n".formatted(running),
                "POST %s/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n".formatted(running));
        // Once before, so that what is kept for good is there when it is counted.
        leave(open(requests, 20));
        var before = settled(pid, Integer.MAX_VALUE);
        var streams = open(requests, 200);
        assertThat(engine.ask("GET", "/_ping", "").text()).isEqualTo("OK");
        assertThat(engine.ask("GET", running + "/json", "").status()).isEqualTo(200);
        leave(streams);
        halfRequests();
        var after = settled(pid, before.sum() + SLACK);
        assertThat(after.descriptors()).as("descriptors, before %s", before).isLessThanOrEqualTo(before.descriptors() + SLACK);
        assertThat(after.threads()).as("threads, before %s", before).isLessThanOrEqualTo(before.threads() + SLACK);
        assertThat(after.processes()).as("processes, before %s", before).isLessThanOrEqualTo(before.processes());
    }

    private List<SocketChannel> open(List<String> requests, int count) throws IOException {
        var streams = new ArrayList<SocketChannel>();
        for (int i = 0; i < count; i++) {
            var channel = engine.open();
            EngineSocket.write(channel, requests.get(i % requests.size()).getBytes(StandardCharsets.US_ASCII));
            streams.add(channel);
        }
        var head = ByteBuffer.allocate(12);
        for (var stream : streams) {
            head.clear();
            stream.read(head);
            assertThat(new String(head.array(), StandardCharsets.US_ASCII)).matches("HTTP/1.1 (200|101)");
        }
        return streams;
    }

    private static void leave(List<SocketChannel> streams) throws IOException {
        for (var stream : streams) stream.close();
    }

    /// Requests that end in the middle of their head or their body.
    private void halfRequests() throws IOException {
        for (var text : List.of("GET /in", "POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n{",
                "POST /images/load HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                "PUT %s/archive?path=/ HTTP/1.1\r\nHost: d\r\nContent-Length: 1024\r\n\r\nx".formatted(running))) {
            for (int i = 0; i < 5; i++) {
                try (var channel = engine.open()) {
                    EngineSocket.write(channel, text.getBytes(StandardCharsets.US_ASCII));
                    if (i % 2 == 0) channel.shutdownOutput();
                }
            }
        }
    }

    /// What the daemon has of the kernel's.
    private record Count(int descriptors, int threads, long processes) {
        int sum() {
            return descriptors + threads;
        }

        static Count of(long pid) throws IOException {
            var process = Path.of("/proc", Long.toString(pid));
            try (var descriptors = Files.list(process.resolve("fd")); var threads = Files.list(process.resolve("task"))) {
                return new Count((int) descriptors.count(), (int) threads.count(),
                        ProcessHandle.of(pid).orElseThrow().descendants().count());
            }
        }
    }

    /// Counts until it is no more than that, or nothing changes for a while.
    private static Count settled(long pid, int sumMax) throws IOException, InterruptedException {
        long until = System.nanoTime() + SETTLE_MAX.toNanos();
        var last = Count.of(pid);
        int same = 0;
        while (System.nanoTime() < until && (sumMax == Integer.MAX_VALUE ? same < 20 : last.sum() > sumMax)) {
            Thread.sleep(250);
            var now = Count.of(pid);
            same = now.equals(last) ? same + 1 : 0;
            last = now;
        }
        return last;
    }
}
