package dev.hostal.daemon.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// A reply that is written as it comes. It begins with its first bytes: what fails before them is said with a status.
final class StreamReply extends OutputStream {
    private final Call call;
    private final String type;
    private boolean begun;

    StreamReply(Call call, String type) {
        this.call = call;
        this.type = type;
    }

    @Override public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return;
        if (!begun) call.begin(type);
        begun = true;
        call.write(false, ByteBuffer.wrap(bytes, offset, length));
    }

    /// It is whole.
    void end() throws IOException {
        if (!begun) call.begin(type);
        call.write(true, ByteBuffer.allocate(0));
    }
}
