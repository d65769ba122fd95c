package dev.hostal.docker.buildkit;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Bytes from one thread to another, a few pieces of them on their way. A failure of whoever writes is one of whoever reads.
final class Pipe {
    private static final int PIECE = 64 << 10;
    private static final int PIECES_MAX = 8;
    /// How often whoever waits looks whether the other is there.
    private static final int LOOK_MILLIS = 200;
    private static final byte[] END = {};

    private final ArrayBlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES_MAX);
    private volatile IOException failure;
    private volatile boolean left;

    /// To be closed when all is written.
    OutputStream out() {
        return new BufferedOutputStream(new Out(), PIECE);
    }

    /// To be closed by whoever reads, also early.
    InputStream in() {
        return new In();
    }

    /// Nothing more will come, and not because all was said.
    void fail(IOException why) {
        failure = why;
    }

    private final class Out extends OutputStream {
        @Override public void write(int one) throws IOException {
            put(new byte[] {(byte) one});
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) put(Arrays.copyOfRange(bytes, offset, offset + length));
        }

        @Override public void close() throws IOException {
            put(END);
        }

        private void put(byte[] piece) throws IOException {
            try {
                while (!pieces.offer(piece, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    if (left) throw new IOException("nobody reads any more");
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }

    private final class In extends InputStream {
        private byte[] piece = END;
        private int at;
        private boolean ended;

        @Override public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) return 0;
            while (at == piece.length) {
                if (ended) return -1;
                next();
            }
            int count = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, bytes, offset, count);
            at += count;
            return count;
        }

        private void next() throws IOException {
            try {
                for (var came = pieces.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS); ; came = pieces.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    if (came == null && failure != null) throw new IOException(failure.getMessage(), failure);
                    if (came == null) continue;
                    piece = came;
                    at = 0;
                    ended = came == END;
                    return;
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }

        @Override public void close() {
            left = true;
            pieces.clear();
        }
    }
}
