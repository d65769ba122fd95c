package dev.hostal.e2e;

import dev.hostal.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// HTTP on the Unix socket of an engine, one connection a request: as little as can be, so that a test can also send what
/// no HTTP client would.
record EngineSocket(Path path) {
    /// An answer, whole.
    record Answer(int status, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        boolean isJson() {
            return headers.getOrDefault("content-type", "").startsWith("application/json") && body.length > 0;
        }

        Json json() {
            return Json.parse(text());
        }
    }

    SocketChannel open() throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return channel;
    }

    Answer ask(String method, String target, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        var type = body.isEmpty() ? "" : "Content-Type: application/json\r\n";
        return send(("%s %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n"
                .formatted(method, target, type, bytes.length)), bytes);
    }

    /// @param head of the request with the empty line at its end
    Answer send(String head, byte[] body) throws IOException {
        try (var channel = open()) {
            try {
                write(channel, head.getBytes(StandardCharsets.UTF_8));
                write(channel, body);
            } catch (IOException _) {
                // The engine has answered before it read all.
            }
            return read(Channels.newInputStream(channel), head.startsWith("HEAD "));
        }
    }

    static void write(SocketChannel channel, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) channel.write(buffer);
    }

    private static Answer read(InputStream in, boolean headOnly) throws IOException {
        var first = line(in).split(" ", 3);
        if (first.length < 2) throw new IOException("no answer: " + String.join(" ", first));
        var headers = new TreeMap<String, String>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        int status = Integer.parseInt(first[1]);
        boolean none = headOnly || status == 204 || status == 304;
        return new Answer(status, headers, none ? new byte[0] : body(in, headers));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            var body = new ByteArrayOutputStream();
            for (int size = size(line(in)); size > 0; size = size(line(in))) {
                body.write(in.readNBytes(size));
                line(in);
            }
            return body.toByteArray();
        }
        var length = headers.get("content-length");
        return length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
    }

    private static int size(String line) {
        return line.isEmpty() ? 0 : Integer.parseInt(line.split(";", 2)[0].strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int one = in.read(); one >= 0 && one != '\n'; one = in.read()) {
            if (one != '\r') line.write(one);
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
