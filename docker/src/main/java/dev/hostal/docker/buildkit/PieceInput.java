package dev.hostal.docker.buildkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;

/// Bytes that come in pieces of any length.
abstract class PieceInput extends InputStream {
    private byte[] piece = {};
    private int at;
    private boolean ended;

    /// Waits for the next piece; empty at the end.
    abstract Optional<byte[]> next() throws IOException, InterruptedException;

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return 0;
        while (at == piece.length) {
            if (ended) return -1;
            take();
        }
        int count = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, bytes, offset, count);
        at += count;
        return count;
    }

    private void take() throws IOException {
        try {
            var came = next();
            ended = came.isEmpty();
            piece = came.orElse(new byte[0]);
            at = 0;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
