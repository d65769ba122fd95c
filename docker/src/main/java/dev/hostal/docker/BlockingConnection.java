package dev.hostal.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/// A connection that HTTP has let go of, as two streams that end one by one. One thread reads, one writes at a time.
final class BlockingConnection extends AbstractConnection implements Connection.UpgradeTo, Duplex {
    private static final int PIECE = 32 << 10;

    private final Consumer<BlockingConnection> session;
    private final ByteBuffer read = BufferUtil.allocate(PIECE);
    private ByteBuffer before = BufferUtil.EMPTY_BUFFER;

    /// @param session what happens on it; the connection is closed when that returns
    BlockingConnection(EndPoint endPoint, Consumer<BlockingConnection> session) {
        super(endPoint, Runnable::run);
        this.session = session;
    }

    @Override public void onUpgradeTo(ByteBuffer prefilled) {
        before = BufferUtil.copy(prefilled);
    }

    @Override public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0);
        Thread.ofVirtual().name("hijacked").start(() -> {
            try {
                session.accept(this);
            } finally {
                close();
            }
        });
    }

    @Override public void onFillable() {
        // Who reads waits by itself.
    }

    @Override public InputStream input() {
        return new InputStream() {
            @Override public int read() throws IOException {
                var one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override public int read(byte[] bytes, int offset, int length) throws IOException {
                return length == 0 ? 0 : fill(bytes, offset, length);
            }
        };
    }

    private int fill(byte[] bytes, int offset, int length) throws IOException {
        while (true) {
            var source = before != null && before.hasRemaining() ? before : read;
            if (source.hasRemaining()) {
                int count = Math.min(length, source.remaining());
                source.get(bytes, offset, count);
                return count;
            }
            BufferUtil.clear(read);
            if (getEndPoint().fill(read) < 0) return -1;
            if (read.hasRemaining()) continue;
            var ready = new Waiting();
            getEndPoint().fillInterested(ready);
            ready.await();
        }
    }

    /// Closing it leaves the other way open.
    @Override public OutputStream output() {
        return new OutputStream() {
            @Override public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                var written = new Waiting();
                getEndPoint().write(written, ByteBuffer.wrap(bytes, offset, length));
                written.await();
            }

            @Override public void close() {
                getEndPoint().shutdownOutput();
            }
        };
    }

    private static final class Waiting extends CompletableFuture<Boolean> implements Callback {
        @Override public void succeeded() {
            complete(true);
        }

        @Override public void failed(Throwable why) {
            completeExceptionally(why);
        }

        void await() throws IOException {
            try {
                get();
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }
}
