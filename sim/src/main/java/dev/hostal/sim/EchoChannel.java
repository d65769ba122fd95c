package dev.hostal.sim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;

/// Greets, and then answers everything with itself.
final class EchoChannel implements ByteChannel {
    private final SimPipe pipe = new SimPipe();
    private final InputStream input = pipe.input();
    private volatile boolean open = true;

    EchoChannel(String greeting) throws IOException {
        pipe.output().write(greeting.getBytes(StandardCharsets.UTF_8));
    }

    @Override public int read(ByteBuffer target) throws IOException {
        var bytes = new byte[target.remaining()];
        int count = input.read(bytes);
        if (count > 0) target.put(bytes, 0, count);
        return count;
    }

    @Override public int write(ByteBuffer source) throws IOException {
        var bytes = new byte[source.remaining()];
        source.get(bytes);
        pipe.output().write(bytes);
        return bytes.length;
    }

    @Override public boolean isOpen() {
        return open;
    }

    @Override public void close() {
        open = false;
        pipe.end();
    }
}
