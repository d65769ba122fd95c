package dev.hostal.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/// One channel of a stream as bytes to read. Closing it does nothing: the stream is closed as a whole.
class StreamInput extends InputStream {
    private final AgentStream stream;
    private final int channel;

    StreamInput(AgentStream stream, int channel) {
        this.stream = stream;
        this.channel = channel;
    }

    static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for a guest");
    }

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        try {
            return stream.read(channel, ByteBuffer.wrap(bytes, offset, length));
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    @Override public int available() {
        return stream.available(channel);
    }
}
