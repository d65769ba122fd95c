package dev.hostal.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Standard output or standard error: text in UTF-8 and bytes as they are, in the order written. Any thread may write.
public final class Output {
    /// Nobody reads any more, as after `| head -1`. Not worth a message.
    public static final class Closed extends IOException {
        private static final long serialVersionUID = 1;

        Closed(IOException cause) {
            super("the reader of the output has gone", cause);
        }
    }

    private static final int BUFFER = 8 << 10;

    private final OutputStream sink;
    private final byte[] buffer = new byte[BUFFER];
    private int used;

    public Output(OutputStream sink) {
        this.sink = sink;
    }

    public void line(String text) throws IOException {
        text(text + "\n");
    }

    public void text(String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        write(bytes, 0, bytes.length);
    }

    /// Keeps the bytes until the buffer is full or [#flush] is called.
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > buffer.length - used) flush();
        if (length > buffer.length) {
            pass(bytes, offset, length);
        } else {
            System.arraycopy(bytes, offset, buffer, used, length);
            used += length;
        }
    }

    public synchronized void flush() throws IOException {
        int length = used;
        used = 0;
        pass(buffer, 0, length);
    }

    private void pass(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return;
        try {
            sink.write(bytes, offset, length);
            sink.flush();
        } catch (IOException gone) {
            throw new Closed(gone);
        }
    }
}
