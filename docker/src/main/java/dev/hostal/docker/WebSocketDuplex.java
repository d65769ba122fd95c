package dev.hostal.docker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// The payloads of a WebSocket's frames as two streams: messages have no bounds here. Source: RFC 6455, sections 5 and 4.2.2.
final class WebSocketDuplex implements Duplex {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    /// Of a control frame. Source: RFC 6455, section 5.5.
    private static final int CONTROL_MAX = 125;
    /// Status of a normal close.
    private static final byte[] NORMAL = {0x03, (byte) 0xe8};

    private final InputStream in;
    private final OutputStream out;
    private boolean closed;

    WebSocketDuplex(Duplex connection) {
        this.in = connection.input();
        this.out = connection.output();
    }

    /// The reply's `Sec-WebSocket-Accept`.
    static String accept(String key) {
        try {
            var digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    @Override public InputStream input() {
        return new InputStream() {
            private long left;
            private final byte[] mask = new byte[4];
            private int at;
            private boolean ended;

            @Override public int read() throws IOException {
                var one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override public int read(byte[] bytes, int offset, int length) throws IOException {
                while (left == 0 && !ended) ended = !nextFrame();
                if (ended) return -1;
                int count = in.read(bytes, offset, (int) Math.min(length, left));
                if (count < 0) throw new EOFException("the WebSocket ends within a frame");
                for (int i = 0; i < count; i++) bytes[offset + i] ^= mask[at++ & 3];
                left -= count;
                return count;
            }

            /// @return false where the client closes
            private boolean nextFrame() throws IOException {
                int first = in.read();
                if (first < 0) return false;
                int second = one();
                if ((second & 0x80) == 0) throw new IOException("a client's frame is masked");
                left = second & 0x7f;
                if (left == 126) left = one() << 8 | one();
                else if (left == 127) left = ByteBuffer.wrap(in.readNBytes(8)).getLong();
                if (left < 0) throw new IOException("a frame of a negative length");
                if (in.readNBytes(mask, 0, 4) < 4) throw new EOFException("the WebSocket ends within a frame");
                at = 0;
                int kind = first & 0x0f;
                if (kind < CLOSE) return true;
                if (left > CONTROL_MAX) throw new IOException("a control frame of %d bytes".formatted(left));
                var payload = in.readNBytes((int) left);
                left = 0;
                for (int i = 0; i < payload.length; i++) payload[i] ^= mask[i & 3];
                if (kind == PING) send(PONG, payload, 0, payload.length);
                return kind != CLOSE;
            }

            private int one() throws IOException {
                int one = in.read();
                if (one < 0) throw new EOFException("the WebSocket ends within a frame");
                return one;
            }
        };
    }

    private synchronized void send(int kind, byte[] bytes, int offset, int length) throws IOException {
        if (closed) return;
        var frame = ByteBuffer.allocate(length + 10);
        frame.put((byte) (0x80 | kind));
        if (length <= CONTROL_MAX) frame.put((byte) length);
        else if (length < 1 << 16) frame.put((byte) 126).putShort((short) length);
        else frame.put((byte) 127).putLong(length);
        frame.put(bytes, offset, length);
        out.write(frame.array(), 0, frame.position());
        out.flush();
    }

    @Override public OutputStream output() {
        return new OutputStream() {
            @Override public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                send(BINARY, bytes, offset, length);
            }

            @Override public void close() throws IOException {
                end();
            }
        };
    }

    private synchronized void end() throws IOException {
        if (closed) return;
        send(CLOSE, NORMAL, 0, NORMAL.length);
        closed = true;
        out.close();
    }
}
