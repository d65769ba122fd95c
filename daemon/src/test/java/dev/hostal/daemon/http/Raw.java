package dev.hostal.daemon.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A connection on which a test sends whatever bytes it likes.
final class Raw implements AutoCloseable {
    /// A reply as it came.
    record Reply(int status, Map<String, String> headers, String body) {}

    private final SocketChannel channel;
    private final InputStream in;

    Raw(Path socket) throws IOException {
        this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        this.in = new BufferedInputStream(Channels.newInputStream(channel));
    }

    Raw send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Raw send(byte[] bytes) throws IOException {
        var all = ByteBuffer.wrap(bytes);
        while (all.hasRemaining()) {
            channel.write(all);
        }
        return this;
    }

    /// A request with a body, or none where it is empty.
    Reply ask(String method, String target, String type, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        var length = bytes.length == 0 ? "" : "Content-Type: %s\r\nContent-Length: %d\r\n".formatted(type, bytes.length);
        send("%s %s HTTP/1.1\r\nHost: hostal\r\n%s\r\n".formatted(method, target, length));
        send(bytes);
        return reply(method);
    }

    Reply ask(String method, String target) throws IOException {
        return ask(method, target, "", "");
    }

    Reply reply(String method) throws IOException {
        var status = line();
        var headers = new TreeMap<String, String>();
        for (var line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        var length = method.equals("HEAD") ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Reply(Integer.parseInt(status.substring(9, 12)), headers,
                new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }

    String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) throw new IOException("closed after '" + line + "'");
            if (next != '\r') line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    int read() throws IOException {
        return in.read();
    }

    @Override public void close() throws IOException {
        channel.close();
    }
}
