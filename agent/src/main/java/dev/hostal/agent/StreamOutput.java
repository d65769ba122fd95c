package dev.hostal.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/// What a program in a guest reads. Closing it is end-of-file for the program.
class StreamOutput extends OutputStream {
    private final AgentStream stream;
    private boolean closed;

    StreamOutput(AgentStream stream) {
        this.stream = stream;
    }

    @Override public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (closed) throw new IOException("The input of the program in the guest is closed.");
        try {
            stream.write(bytes, offset, length);
        } catch (InterruptedException e) {
            throw StreamInput.interrupted();
        }
    }

    @Override public void close() throws IOException {
        if (closed) return;
        closed = true;
        try {
            stream.send(FrameType.EOF, new byte[0]);
        } catch (InterruptedException e) {
            throw StreamInput.interrupted();
        }
    }
}
