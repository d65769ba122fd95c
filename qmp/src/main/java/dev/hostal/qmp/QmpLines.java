package dev.hostal.qmp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/// Cuts what a channel delivers into lines, whatever pieces it comes in.
final class QmpLines {
    private final ReadableByteChannel channel;
    private final int lengthMax;
    private final ByteBuffer buffer = ByteBuffer.allocate(16 << 10).flip();

    QmpLines(ReadableByteChannel channel, int lengthMax) {
        this.channel = channel;
        this.lengthMax = lengthMax;
    }

    /// Blocks until a whole line is there.
    ///
    /// @return the line without its end; never empty
    /// @throws EOFException the channel ended; a piece of a line before it is dropped
    /// @throws IOException the line is longer than allowed
    String next() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            if (!buffer.hasRemaining()) fill();
            byte b = buffer.get();
            if (b == '\n') {
                var text = line.toString(UTF_8).strip();
                if (!text.isEmpty()) return text;
                line.reset();
            } else {
                line.write(b);
                if (line.size() > lengthMax) {
                    throw new IOException("a line of the monitor is longer than %d bytes".formatted(lengthMax));
                }
            }
        }
    }

    private void fill() throws IOException {
        buffer.clear();
        try {
            if (channel.read(buffer) < 0) throw new EOFException("the monitor closed the connection");
        } finally {
            buffer.flip();
        }
    }
}
