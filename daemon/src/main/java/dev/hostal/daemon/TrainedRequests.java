package dev.hostal.daemon;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/// While a start-up cache is being made: what docker's command line asks most, as often as the JVM needs to note which methods
/// are run often (JEP 515), so that the first `docker ps` of a daemon is not ten times as slow as the hundredth.
final class TrainedRequests {
    /// Chosen: some hundred calls until a method is worth noting; more only take time.
    private static final int ROUNDS = 200;
    private static final int CONTAINERS = 10;
    /// How long it may hold up the daemon's end. Chosen: with the lowest priority on a busy host.
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");

    private final Path socket;

    private TrainedRequests(Path socket) {
        this.socket = socket;
    }

    static void play(Path dockerSocket) {
        try {
            new TrainedRequests(dockerSocket).play(Deadline.in(LONGEST));
        } catch (IOException incomplete) {
            // A cache without them is only slower.
            System.getLogger(TrainedRequests.class.getName()).log(Level.WARNING, "training.requests", incomplete);
        }
    }

    private void play(Deadline deadline) throws IOException {
        ask("POST", "/images/create?fromImage=tiny&tag=latest", "");
        for (int i = 0; i < CONTAINERS; i++) {
            ask("POST", "/containers/create?name=trained" + i,
                    "{\"Image\":\"tiny\",\"Cmd\":[\"sleep\",\"100\"],\"Labels\":{\"a\":\"b\"},\"HostConfig\":{\"NetworkMode\":\"none\",\"Runtime\":\"vm\"}}");
            ask("POST", "/containers/trained" + i + "/start", "");
        }
        for (int round = 0; round < ROUNDS && !deadline.isPast(); round++) {
            ask("HEAD", "/_ping", "");
            ask("GET", "/containers/json", "");
            ask("GET", "/containers/trained0/json", "");
            var exec = ask("POST", "/containers/trained0/exec",
                    "{\"Cmd\":[\"true\"],\"AttachStdout\":true,\"AttachStderr\":true}");
            if (exec.has("Id")) {
                ask("POST", "/exec/" + exec.text("Id") + "/start", "{\"Detach\":false,\"Tty\":false}");
                ask("GET", "/exec/" + exec.text("Id") + "/json", "");
            }
        }
    }

    /// @return the answer, where it is an object
    private JsonObject ask(String method, String path, String body) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            boolean takesOver = path.endsWith("/start") && path.startsWith("/exec/");
            var head = "%s /v1.51%s HTTP/1.1\r\nHost: docker\r\nUser-Agent: training\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"
                    .formatted(method, path, body.length(), takesOver ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : "");
            var bytes = ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) channel.write(bytes);
            var in = new BufferedInputStream(Channels.newInputStream(channel));
            var answer = head(in).toLowerCase(Locale.ROOT);
            if (takesOver) in.transferTo(OutputStream.nullOutputStream());
            else if (answer.contains("chunked")) skipPieces(in);
            var length = LENGTH.matcher(answer);
            if (takesOver || method.equals("HEAD") || !length.find()) return new JsonObject();
            var text = new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8);
            return text.startsWith("{") ? JsonObject.parse(text) : new JsonObject();
        }
    }

    private static String head(InputStream in) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int one = in.read();
            if (one < 0) throw new EOFException("the answer has no end of its head");
            text.append((char) one);
        }
        return text.toString();
    }

    /// Source: RFC 9112, "Chunked Transfer Coding".
    private static void skipPieces(InputStream in) throws IOException {
        var text = new StringBuilder("\r\n");
        while (text.indexOf("\r\n0\r\n\r\n") < 0) {
            int one = in.read();
            if (one < 0) return;
            text.append((char) one);
        }
    }
}
