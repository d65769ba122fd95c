package dev.hostal.client;

import dev.hostal.api.Channels;
import dev.hostal.api.ErrorV1;
import dev.hostal.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;

/// A WebSocket that speaks [Channels]. Source: RFC 6455, its client's side without extensions.
final class WebSocketStreams implements Hostal.Streams {
    private static final int CONTINUATION = 0x0;
    private static final int TEXT = 0x1;
    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xa;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    /// Longest payload of a control frame. Source: RFC 6455, section 5.5.
    private static final int CONTROL_PAYLOAD_MAX = 125;

    private final HttpConnection connection;
    /// Frames are written whole, whoever writes: the sender's or, for a pong, the receiver's thread.
    private final ReentrantLock writing = new ReentrantLock();
    private final byte[] message = new byte[Channels.MESSAGE_MAX];
    private int mask = (int) System.nanoTime();

    WebSocketStreams(HttpConnection connection) {
        this.connection = connection;
    }

    // ---- sending

    @Override public void sendStdin(byte[] bytes, int offset, int length) throws IOException {
        int most = Channels.MESSAGE_MAX - 1;
        for (int done = 0; done < length; done += most) {
            send(BINARY, Channels.STDIN, bytes, offset + done, Math.min(most, length - done));
        }
    }

    @Override public void closeStdin() throws IOException {
        send(BINARY, Channels.STDIN, new byte[0], 0, 0);
    }

    @Override public void resize(int columns, int rows) throws IOException {
        sendControl(new JsonObject().put("resize", new JsonObject().put("columns", columns).put("rows", rows)));
    }

    @Override public void signal(String signal) throws IOException {
        sendControl(new JsonObject().put("signal", signal));
    }

    void sendControl(JsonObject control) throws IOException {
        var text = control.toText().getBytes(StandardCharsets.UTF_8);
        if (text.length >= Channels.MESSAGE_MAX) {
            throw new IOException("The command and its environment are %d bytes long; %d are possible."
                    .formatted(text.length, Channels.MESSAGE_MAX - 1));
        }
        send(BINARY, Channels.CONTROL, text, 0, text.length);
    }

    private void send(int opcode, byte channel, byte[] bytes, int offset, int length) throws IOException {
        var payload = ByteBuffer.allocate(length + 1).put(channel).put(bytes, offset, length).flip();
        sendFrame(opcode, payload);
    }

    private void sendFrame(int opcode, ByteBuffer payload) throws IOException {
        int length = payload.remaining();
        var frame = ByteBuffer.allocate(length + 14).put((byte) (FINAL | opcode));
        if (length <= CONTROL_PAYLOAD_MAX) {
            frame.put((byte) (MASKED | length));
        } else if (length <= 0xffff) {
            frame.put((byte) (MASKED | 126)).putShort((short) length);
        } else {
            frame.put((byte) (MASKED | 127)).putLong(length);
        }
        writing.lock();
        try {
            // Masks protect proxies from chosen bytes; on a Unix socket there is none, so any mask will do.
            mask = mask * 0x343fd + 0x269ec3;
            frame.putInt(mask);
            for (int i = 0; i < length; i++) {
                frame.put((byte) (payload.get() ^ (mask >>> (24 - 8 * (i & 3)))));
            }
            connection.write(frame.flip());
        } finally {
            writing.unlock();
        }
    }

    // ---- receiving

    @Override public OptionalInt receive(Sink sink) throws IOException {
        while (true) {
            int length = readMessage();
            if (length < 0) return OptionalInt.empty();
            if (length == 0) continue;
            switch (message[0]) {
                case Channels.STDOUT -> sink.stdout(message, 1, length - 1);
                case Channels.STDERR -> sink.stderr(message, 1, length - 1);
                case Channels.CONTROL -> {
                    var control = Requests.parse(new String(message, 1, length - 1, StandardCharsets.UTF_8));
                    if (control.has("started")) sink.started();
                    if (control.has("error")) {
                        throw new ApiException(Requests.read(control, json -> ErrorV1.from(json.object("error"))));
                    }
                    if (control.has("exit")) {
                        return OptionalInt.of(Requests.read(control, json -> (int) json.integer("exit", 0, 255)));
                    }
                }
                default -> throw new IOException("The daemon sent a message of an unknown channel: " + message[0]);
            }
        }
    }

    /// Reads the next message into [#message].
    ///
    /// @return its length; -1 where the daemon closed the WebSocket in order
    private int readMessage() throws IOException {
        int length = 0;
        while (true) {
            int first = readByte();
            int second = readByte();
            int opcode = first & 0x0f;
            long size = payloadLength(second & 0x7f);
            if (opcode >= CLOSE) {
                if (size > CONTROL_PAYLOAD_MAX) throw new IOException("The daemon sent a control frame of " + size);
                if (!answerControl(opcode, (int) size)) return -1;
                continue;
            }
            if (opcode != BINARY && opcode != TEXT && opcode != CONTINUATION || (first & 0x70) != 0) {
                throw new IOException("The daemon sent a frame that nobody agreed on: " + Integer.toHexString(first));
            }
            if (length + size > message.length) {
                throw new IOException("The daemon sent a message longer than " + message.length);
            }
            var part = length == 0 ? message : new byte[(int) size];
            connection.readFully(part, (int) size);
            if (part != message) System.arraycopy(part, 0, message, length, (int) size);
            length += (int) size;
            if ((first & FINAL) != 0) return length;
        }
    }

    private long payloadLength(int small) throws IOException {
        if (small < 126) return small;
        int count = small == 126 ? 2 : 8;
        long length = 0;
        for (int i = 0; i < count; i++) {
            length = length << 8 | readByte();
        }
        if (length < 0) throw new IOException("The daemon sent a frame of a negative length");
        return length;
    }

    private boolean answerControl(int opcode, int size) throws IOException {
        var payload = new byte[size];
        connection.readFully(payload, size);
        if (opcode == PING) pong(payload);
        if (opcode != CLOSE) return true;
        int code = size < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        var reason = size < 2 ? "" : new String(payload, 2, size - 2, StandardCharsets.UTF_8);
        // Source: RFC 6455, section 7.4.1: 1000 is a normal end, 1005 one without a word.
        if (code != 1000 && code != 1005) {
            throw new IOException("The daemon ended the connection: %s (%d).".formatted(reason, code));
        }
        return false;
    }

    private void pong(byte[] payload) {
        try {
            sendFrame(PONG, ByteBuffer.wrap(payload));
        } catch (IOException _) {
            // What was sent before is still to be read; the reader finds the end by itself.
        }
    }

    private int readByte() throws IOException {
        int next = connection.read();
        if (next < 0) throw new EOFException("The daemon went away; what runs in the guest may still run.");
        return next;
    }

    /// Leaves without a word: a close frame would have to wait behind what the daemon does not take just now.
    @Override public void close() {
        try {
            connection.close();
        } catch (IOException _) {
            // It is closed either way.
        }
    }
}
