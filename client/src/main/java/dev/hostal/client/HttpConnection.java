package dev.hostal.client;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// One connection to the daemon's Unix socket that carries one request and its reply, by HTTP/1.1 as far as
/// it is needed for that. Source: RFC 9112. One thread may write while another reads.
final class HttpConnection implements AutoCloseable {
    /// Longest status line and headers of a reply. Chosen: the daemon's are a few hundred bytes.
    private static final int HEAD_MAX = 16 << 10;

    /// Status and headers of a reply; names of headers in lower case.
    record Head(int status, Map<String, String> headers) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    private final SocketChannel channel;
    /// Bytes that were read and not yet taken.
    private final ByteBuffer unread = ByteBuffer.allocate(HEAD_MAX).limit(0);

    private HttpConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /// @throws NoDaemonException nobody listens there
    static HttpConnection open(Path socket) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new HttpConnection(channel);
        } catch (IOException e) {
            channel.close();
            if (e instanceof ConnectException || Files.notExists(socket)) throw new NoDaemonException(socket, e);
            throw new IOException("""
                    The daemon's socket %s cannot be opened: %s.
                    Maybe run this as root, or as the user that the daemon runs as."""
                    .formatted(socket, e.getMessage()), e);
        }
    }

    /// Sends the request's line and headers, and the beginning of its body or all of it.
    void send(String method, String target, String headers, byte[] body) throws IOException {
        var head = (method + " " + target + " HTTP/1.1\r\nHost: hostal\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        var all = ByteBuffer.allocate(head.length + body.length);
        write(all.put(head).put(body).flip());
    }

    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Sends one chunk of a body whose length nobody knew before; an empty one ends the body.
    void writeChunk(byte[] bytes, int length) throws IOException {
        var size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        var chunk = ByteBuffer.allocate(size.length + length + 2);
        write(chunk.put(size).put(bytes, 0, length).put((byte) '\r').put((byte) '\n').flip());
    }

    Head readHead() throws IOException {
        var status = readLine();
        if (!status.startsWith("HTTP/1.1 ") || status.length() < 12) {
            throw new IOException("What listens on the socket does not speak HTTP: '" + status + "'");
        }
        var headers = new TreeMap<String, String>();
        for (var line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(':');
            if (colon < 0) throw new IOException("The daemon sent a header without a colon: '" + line + "'");
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        return new Head(Integer.parseInt(status.substring(9, 12)), headers);
    }

    /// A line without its end. Source: RFC 9112, section 2.2.
    String readLine() throws IOException {
        var line = new StringBuilder();
        for (int next = read(); next != '\n'; next = read()) {
            if (next < 0) throw new EOFException("The daemon went away before it had answered.");
            if (line.length() >= HEAD_MAX) throw new IOException("The daemon sent a line longer than " + HEAD_MAX);
            line.append((char) next);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') line.setLength(line.length() - 1);
        return line.toString();
    }

    /// The next byte, or -1 at the end of the connection.
    int read() throws IOException {
        return fill() ? unread.get() & 0xff : -1;
    }

    /// Some bytes, or -1 at the end of the connection.
    int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return 0;
        if (!unread.hasRemaining() && length >= unread.capacity()) {
            return channel.read(ByteBuffer.wrap(bytes, offset, length));
        }
        if (!fill()) return -1;
        int count = Math.min(length, unread.remaining());
        unread.get(bytes, offset, count);
        return count;
    }

    void readFully(byte[] bytes, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int count = read(bytes, done, length - done);
            if (count < 0) throw new EOFException("The daemon closed the connection in the middle of an answer.");
            done += count;
        }
    }

    private boolean fill() throws IOException {
        if (unread.hasRemaining()) return true;
        unread.clear();
        int count = channel.read(unread);
        unread.flip();
        return count > 0;
    }

    @Override public void close() throws IOException {
        channel.close();
    }
}
