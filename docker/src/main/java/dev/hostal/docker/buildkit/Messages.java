package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/// The bytes of a call whose messages are pieces of a stream. Source: moby/buildkit, `BytesMessage`.
final class Messages extends InputStream {
    private final GrpcStream call;
    private byte[] piece = {};
    private int at;
    private boolean ended;

    Messages(GrpcStream call) {
        this.call = call;
    }

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
            var message = call.read();
            ended = message.isEmpty();
            piece = ended ? new byte[0] : SessionCaller.data(message.get());
            at = 0;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override public void close() {
        call.cancel();
    }
}
