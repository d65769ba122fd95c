package dev.hostal.docker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// What a program writes, on its way to a client: as it is where it has a terminal, else in frames that name the
/// stream. Source: Docker Engine API, "Attach to a container", stream format.
final class Frames {
    static final int STDOUT = 1;
    static final int STDERR = 2;
    private static final int HEADER = 8;

    private final OutputStream out;
    private final boolean raw;

    /// @param raw the program has a terminal
    Frames(OutputStream out, boolean raw) {
        this.out = out;
        this.raw = raw;
    }

    static String type(boolean raw) {
        return raw ? "application/vnd.docker.raw-stream" : "application/vnd.docker.multiplexed-stream";
    }

    synchronized void send(int stream, byte[] bytes, int length) throws IOException {
        if (length == 0) return;
        if (raw) {
            out.write(bytes, 0, length);
        } else {
            // In one piece: a reader may take what comes at once for a whole frame.
            var frame = ByteBuffer.allocate(HEADER + length);
            frame.put((byte) stream).put((byte) 0).put((byte) 0).put((byte) 0).putInt(length).put(bytes, 0, length);
            out.write(frame.array(), 0, frame.capacity());
        }
        out.flush();
    }
}
