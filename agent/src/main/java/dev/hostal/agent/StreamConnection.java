package dev.hostal.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/// A TCP connection within a guest as one stream of the protocol.
final class StreamConnection implements GuestConnection {
    private final AgentStream stream;
    private final StreamOutput output;
    private volatile boolean open = true;

    StreamConnection(AgentStream stream) {
        this.stream = stream;
        this.output = new StreamOutput(stream);
    }

    @Override public int read(ByteBuffer target) throws IOException {
        if (!open) throw new ClosedChannelException();
        try {
            return stream.read(AgentStream.OUT, target);
        } catch (InterruptedException e) {
            throw StreamInput.interrupted();
        }
    }

    @Override public int write(ByteBuffer source) throws IOException {
        if (!open) throw new ClosedChannelException();
        var bytes = new byte[source.remaining()];
        source.get(bytes);
        output.write(bytes);
        return bytes.length;
    }

    @Override public void shutdownOutput() throws IOException {
        output.close();
    }

    @Override public boolean isOpen() {
        return open;
    }

    @Override public void close() {
        open = false;
        stream.letGo();
    }
}
