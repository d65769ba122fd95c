package dev.hostal.docker.buildkit;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
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

    private final class In extends PieceInput {
        @Override Optional<byte[]> next() throws IOException, InterruptedException {
            while (true) {
                var came = pieces.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (came != null) return came == END ? Optional.empty() : Optional.of(came);
                if (failure != null) throw new IOException(failure.getMessage(), failure);
            }
        }

        @Override public void close() {
            left = true;
            pieces.clear();
        }
    }
}
