package dev.hostal.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// Keeps what a program writes, up to a limit, and tells each line as it comes.
final class CapturedText {
    /// A longer line is told in pieces. Chosen.
    private static final int LINE_MAX = 8 << 10;

    private final int bytesMax;
    private final boolean onlyEnd;
    private final Consumer<String> line;
    private final byte[] pending = new byte[LINE_MAX];
    private int pendingLength;
    private byte[] kept = new byte[0];

    private CapturedText(int bytesMax, boolean onlyEnd, Consumer<String> line) {
        this.bytesMax = bytesMax;
        this.onlyEnd = onlyEnd;
        this.line = line;
    }

    /// Keeps everything; more than `bytesMax` is an error.
    static CapturedText ofAll(int bytesMax, Consumer<String> line) {
        return new CapturedText(bytesMax, false, line);
    }

    /// Keeps the last `bytesMax` bytes.
    static CapturedText ofEnd(int bytesMax, Consumer<String> line) {
        return new CapturedText(bytesMax, true, line);
    }

    void readAll(InputStream in) throws IOException {
        var buffer = new byte[LINE_MAX];
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
            keep(buffer, length);
            for (int i = 0; i < length; i++) {
                addToLine(buffer[i]);
            }
        }
        endLine();
    }

    synchronized String text() {
        return new String(kept, StandardCharsets.UTF_8);
    }

    private synchronized void keep(byte[] more, int length) throws IOException {
        int before = kept.length;
        if (!onlyEnd && before + length > bytesMax) {
            throw new IOException("the program wrote more than %d bytes".formatted(bytesMax));
        }
        var all = Arrays.copyOf(kept, before + length);
        System.arraycopy(more, 0, all, before, length);
        kept = all.length > bytesMax ? Arrays.copyOfRange(all, all.length - bytesMax, all.length) : all;
    }

    /// Carriage returns end lines too: programs redraw their progress with them.
    private void addToLine(byte b) {
        if (b == '\n' || b == '\r') {
            endLine();
            return;
        }
        pending[pendingLength++] = b;
        if (pendingLength == LINE_MAX) {
            endLine();
        }
    }

    private void endLine() {
        if (pendingLength > 0) {
            line.accept(new String(pending, 0, pendingLength, StandardCharsets.UTF_8));
        }
        pendingLength = 0;
    }
}
