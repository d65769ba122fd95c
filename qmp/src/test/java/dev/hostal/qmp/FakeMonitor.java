package dev.hostal.qmp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// The other end of a monitor's socket, played by a test: it sends exactly the bytes that it is told to.
final class FakeMonitor implements AutoCloseable {
    /// As QEMU 7.2 of Debian 12 sends it.
    static final String GREETING = """
            {"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, \
            "package": "Debian 1:7.2+dfsg-7+deb12u18"}, "capabilities": ["oob"]}}\r
            """;

    /// What a monitor does with its connection.
    @FunctionalInterface
    interface Script {
        void play(FakeMonitor monitor) throws IOException;
    }

    private final Path socket;
    private final ServerSocketChannel server;
    private SocketChannel client;
    private QmpLines lines;

    private FakeMonitor(Path socket, ServerSocketChannel server) {
        this.socket = socket;
        this.server = server;
    }

    static FakeMonitor playing(Script script) throws IOException {
        var folder = Files.createTempDirectory("qmp");
        var socket = folder.resolve("qmp.sock");
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        var monitor = new FakeMonitor(socket, server);
        Thread.ofVirtual().start(() -> monitor.serve(script));
        return monitor;
    }

    private void serve(Script script) {
        try {
            client = server.accept();
            lines = new QmpLines(client, QmpClient.LINE_MAX);
            script.play(this);
        } catch (IOException _) {
            // The client went first; what it saw is what the test looks at.
        }
    }

    Path socket() {
        return socket;
    }

    /// Greets and agrees to leave the negotiation mode.
    void greet() throws IOException {
        send(GREETING);
        answer(receive(), "{}");
    }

    JsonObject receive() throws IOException {
        return JsonObject.parse(lines.next());
    }

    void answer(JsonObject command, String returned) throws IOException {
        send("{\"return\": " + returned + ", \"id\": \"" + command.text("id") + "\"}\r\n");
    }

    void send(String text) throws IOException {
        var bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    void hangUp() throws IOException {
        client.close();
    }

    @Override public void close() throws IOException {
        server.close();
        if (client != null) client.close();
        Files.deleteIfExists(socket);
        Files.deleteIfExists(socket.getParent());
    }
}
