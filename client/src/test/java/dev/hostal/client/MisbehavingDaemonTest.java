package dev.hostal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.ExecV1;
import dev.hostal.api.OperationV1;
import dev.hostal.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Whatever listens on the socket, the client ends with a value or an [IOException], and never waits for ever.
@Timeout(30)
class MisbehavingDaemonTest {
    private static final String UPGRADED = "HTTP/1.1 101 Switching Protocols\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    @TempDir Path folder;

    private Path socket() {
        return folder.resolve("s");
    }

    private UnixHostal hostal() {
        return new UnixHostal(socket());
    }

    /// Answers each connection with these bytes and closes it.
    private ServerSocketChannel answering(byte[] bytes) throws IOException {
        Files.deleteIfExists(socket());
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket()));
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    answer(server.accept(), bytes);
                }
            } catch (IOException _) {
                // The test is over.
            }
        });
        return server;
    }

    private static void answer(SocketChannel client, byte[] bytes) {
        try (client) {
            client.read(ByteBuffer.allocate(8192));
            client.write(ByteBuffer.wrap(bytes));
        } catch (IOException _) {
            // The client has had enough.
        }
    }

    private ServerSocketChannel answering(String text) throws IOException {
        return answering(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test void nobodyListens() throws IOException {
        assertThatThrownBy(() -> hostal().daemon()).isInstanceOf(NoDaemonException.class)
                .hasMessageContaining("No daemon listens on").hasMessageContaining("Maybe start one: hostal daemon start");
        // Nobody accepts there: a thread that does would hold the socket open a moment longer.
        try (var gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            gone.bind(UnixDomainSocketAddress.of(socket()));
        }
        assertThat(socket()).exists();
        assertThatThrownBy(() -> hostal().daemon()).isInstanceOf(NoDaemonException.class);
    }

    @Test void itIsNoDaemon() throws IOException {
        try (var _ = answering("SSH-2.0-OpenSSH_9.2\r\n")) {
            assertThatThrownBy(() -> hostal().daemon()).isInstanceOf(IOException.class)
                    .hasMessageContaining("does not speak HTTP");
        }
    }

    @Test void theReplyEndsTooEarly() throws IOException {
        for (var reply : List.of("", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", "HTTP/1.1 200 OK\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{",
                "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n")) {
            try (var _ = answering(reply)) {
                assertThatThrownBy(() -> hostal().instances()).as(reply).isInstanceOf(IOException.class);
            }
        }
    }

    @Test void aFollowedOperationMustEnd() throws IOException {
        var running = "{\"id\":\"op-1\",\"verb\":\"instance.start\",\"target\":\"i\",\"status\":\"running\",\"stage\":\"x\","
                + "\"done\":0,\"total\":0,\"createdAt\":\"t\"}";
        var event = "data: " + running + "\n\n";
        try (var _ = answering("HTTP/1.1 200 OK\r\nContent-Length: " + event.length() + "\r\n\r\n" + event)) {
            var begun = OperationV1.from(JsonObject.parse(running));
            assertThatThrownBy(() -> hostal().follow(begun, _ -> {})).hasMessageContaining("The daemon went away");
        }
    }

    @Test void whatIsNotUnderstoodIsAnIoFailure() throws IOException {
        for (var body : List.of("{\"instances\":[{}]}", "[]", "{\"instances\":7}", "{\"id\":", "not json")) {
            try (var _ = answering("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)) {
                assertThatThrownBy(() -> hostal().instances()).as(body).isInstanceOf(IOException.class)
                        .hasMessageContaining("is not understood");
            }
        }
    }

    @Test void anErrorWithoutABodyIsStillAnError() throws IOException {
        try (var _ = answering("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")) {
            assertThatThrownBy(() -> hostal().daemon()).isInstanceOf(IOException.class).hasMessageContaining("500");
        }
    }

    @Test void anUploadThatIsRefusedSaysWhy() throws IOException {
        var body = "{\"code\":\"NO_SPACE\",\"message\":\"The disk is full.\"}";
        try (var _ = answering("HTTP/1.1 507 Full\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)) {
            assertThatThrownBy(() -> hostal().writeFiles("web", "/", new ByteArrayInputStream(new byte[4 << 20])))
                    .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("NO_SPACE"));
        }
    }

    @Test void webSocketsThatAreNone() throws IOException {
        for (var reply : List.of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: other\r\n\r\n")) {
            try (var _ = answering(reply)) {
                assertThatThrownBy(() -> hostal().attach("web")).as(reply).isInstanceOf(IOException.class);
            }
        }
    }

    @Test void framesAreReadAsTheRfcHasThem() throws IOException {
        // Two fragments with a ping between, an empty message, then the exit status. Source: RFC 6455, section 5.4.
        var frames = new ByteArrayOutputStream();
        frames.writeBytes(UPGRADED.getBytes(StandardCharsets.ISO_8859_1));
        frames.writeBytes(new byte[] {0x02, 3, 1, 'h', 'e', (byte) 0x89, 1, 'p', (byte) 0x80, 3, 'l', 'l', 'o'});
        frames.writeBytes(new byte[] {(byte) 0x82, 0});
        var exit = "{\"exit\":5}".getBytes(StandardCharsets.US_ASCII);
        frames.writeBytes(new byte[] {(byte) 0x82, 126, 0, (byte) (exit.length + 1), 3});
        frames.writeBytes(exit);
        try (var _ = answering(frames.toByteArray()); var streams = hostal().attach("web")) {
            var out = new ByteArrayOutputStream();
            assertThat(streams.receive(into(out))).hasValue(5);
            assertThat(out).hasToString("hello");
        }
    }

    @Test void framesThatBreakTheRulesEndIt() throws IOException {
        for (var frame : List.of(new byte[] {(byte) 0x82, 127, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0}, new byte[] {(byte) 0xf2, 1, 1},
                new byte[] {(byte) 0x82, 127, 0, 0, 0, 0, 0x7f, 0, 0, 0}, new byte[] {(byte) 0x88, 126, 1, 0},
                new byte[] {(byte) 0x82, 2, 9, 9}, new byte[] {(byte) 0x88, 2, 3, (byte) 0xe9}, new byte[0])) {
            var all = new ByteArrayOutputStream();
            all.writeBytes(UPGRADED.getBytes(StandardCharsets.ISO_8859_1));
            all.writeBytes(frame);
            try (var _ = answering(all.toByteArray()); var streams = hostal().attach("web")) {
                assertThatThrownBy(() -> streams.receive(into(new ByteArrayOutputStream()))).isInstanceOf(IOException.class);
            }
        }
    }

    @Test void noiseEndsWithTheDeclaredException() throws IOException {
        var random = new Random(4);
        for (int i = 0; i < 100; i++) {
            var noise = new byte[random.nextInt(400)];
            random.nextBytes(noise);
            var all = new ByteArrayOutputStream();
            if (i % 2 == 0) all.writeBytes(UPGRADED.getBytes(StandardCharsets.ISO_8859_1));
            all.writeBytes(noise);
            try (var _ = answering(all.toByteArray())) {
                assertThatThrownBy(() -> {
                    try (var streams = hostal().attach("web")) {
                        streams.receive(into(new ByteArrayOutputStream()));
                        throw new IOException("ended in order, by chance");
                    }
                }).as("round %d", i).isInstanceOf(IOException.class);
            }
        }
    }

    @Test void aCommandThatIsTooLongIsRefusedHere() throws IOException {
        try (var _ = answering(UPGRADED)) {
            var exec = new ExecV1(List.of("x".repeat(70_000)), Map.of(), Optional.empty(), Optional.empty(), false, false, 0, 0);
            assertThatThrownBy(() -> hostal().exec("web", exec)).hasMessageContaining("bytes long");
        }
    }

    private static Hostal.Streams.Sink into(ByteArrayOutputStream out) {
        return new Hostal.Streams.Sink() {
            @Override public void stdout(byte[] bytes, int offset, int length) {
                out.write(bytes, offset, length);
            }

            @Override public void stderr(byte[] bytes, int offset, int length) {
                out.write(bytes, offset, length);
            }
        };
    }
}
