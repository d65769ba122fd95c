package dev.hostal.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// The body of a reply, of a known length or in chunks. A connection that ends before the body does is an
/// error: half an archive is not taken for a whole one. Closing it closes the connection.
final class HttpBody extends InputStream {
    private final HttpConnection connection;
    private final boolean chunked;
    /// Bytes left of the body, or of the present chunk.
    private long left;
    private boolean firstChunk = true;
    private boolean ended;

    HttpBody(HttpConnection connection, HttpConnection.Head head) throws IOException {
        this.connection = connection;
        this.chunked = head.header("transfer-encoding").equalsIgnoreCase("chunked");
        if (!chunked) {
            var length = head.header("content-length");
            if (length.isEmpty() && head.status() != 204 && head.status() != 101) {
                throw new IOException("The daemon answered %d without the length of its answer.".formatted(head.status()));
            }
            left = length.isEmpty() ? 0 : number(length, 10);
            ended = left == 0;
        }
    }

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return 0;
        if (left == 0 && !ended && chunked) nextChunk();
        if (ended) return -1;
        int count = connection.read(bytes, offset, (int) Math.min(length, left));
        if (count < 0) throw new EOFException("The daemon closed the connection before the end of its answer.");
        left -= count;
        if (left == 0 && !chunked) ended = true;
        return count;
    }

    /// Source: RFC 9112, section 7.1.
    private void nextChunk() throws IOException {
        if (!firstChunk) connection.readLine();
        firstChunk = false;
        var line = connection.readLine();
        int extension = line.indexOf(';');
        left = number(extension < 0 ? line : line.substring(0, extension), 16);
        if (left > 0) return;
        ended = true;
        while (!connection.readLine().isEmpty()) {
            // Trailers say nothing that is wanted here.
        }
    }

    private static long number(String text, int radix) throws IOException {
        try {
            long value = Long.parseLong(text.strip(), radix);
            if (value >= 0) return value;
        } catch (NumberFormatException _) {
            // Falls through to the one message.
        }
        throw new IOException("The daemon sent '" + text + "' as the length of its answer.");
    }

    @Override public void close() throws IOException {
        connection.close();
    }
}
