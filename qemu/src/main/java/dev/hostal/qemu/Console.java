package dev.hostal.qemu;

import static dev.hostal.base.Check.require;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArraySet;

/// The console of one machine for any number of people. QEMU serves one connection: it is made here when the
/// first of them comes, what the guest writes goes to all, and what each of them writes goes to the guest.
final class Console implements AutoCloseable {
    /// Pieces waiting for a slow reader; then the oldest go. The log has everything.
    private static final int PIECES_MAX = 256;
    /// Pieces waiting for the guest; then writers wait.
    private static final int INPUTS_MAX = 16;
    private static final int PIECE_MAX = 16 << 10;
    private static final byte[] END = new byte[0];

    private final Path socket;
    private final Set<Viewer> viewers = new CopyOnWriteArraySet<>();
    private Connection connection;

    Console(Path socket) {
        this.socket = socket;
    }

    /// One more connection. Reading ends when the machine does.
    synchronized ByteChannel open() throws IOException {
        if (connection == null) {
            connection = new Connection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            connection.start();
        }
        var viewer = new Viewer(connection);
        viewers.add(viewer);
        return viewer;
    }

    @Override public synchronized void close() {
        if (connection != null) connection.end();
    }

    private synchronized void ended(Connection which) {
        if (connection == which) connection = null;
        for (var viewer : viewers) {
            if (viewer.connection == which) viewer.push(END);
        }
    }

    /// The one connection to QEMU, with a thread for each direction: an interrupt of a caller's thread would
    /// otherwise close it for everyone.
    private final class Connection {
        private final SocketChannel channel;
        private final BlockingQueue<byte[]> inputs = new ArrayBlockingQueue<>(INPUTS_MAX);
        private volatile boolean open = true;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void start() {
            Thread.ofVirtual().name("console-read").start(this::readAll);
            Thread.ofVirtual().name("console-write").start(this::writeAll);
        }

        void end() {
            open = false;
            try {
                channel.close();
            } catch (IOException _) {
                // Both threads end whatever closing says.
            }
            inputs.offer(END);
        }

        private void readAll() {
            var buffer = ByteBuffer.allocate(PIECE_MAX);
            try {
                while (channel.read(buffer.clear()) >= 0) {
                    var piece = Arrays.copyOf(buffer.array(), buffer.position());
                    viewers.forEach(viewer -> viewer.push(piece));
                }
            } catch (IOException _) {
                // The machine has ended, or was let go of: the same for those who watch.
            } finally {
                end();
                ended(this);
            }
        }

        private void writeAll() {
            try {
                while (open) {
                    var input = ByteBuffer.wrap(inputs.take());
                    while (input.hasRemaining()) {
                        channel.write(input);
                    }
                }
            } catch (IOException _) {
                end();
            } catch (InterruptedException _) {
                // Nobody interrupts this thread; if somebody does, it ends.
            }
        }
    }

    /// One person's view of the console.
    private final class Viewer implements ByteChannel {
        private final Connection connection;
        private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES_MAX);
        private ByteBuffer rest = ByteBuffer.allocate(0);
        private volatile boolean open = true;
        private boolean ended;

        Viewer(Connection connection) {
            this.connection = connection;
        }

        void push(byte[] piece) {
            while (!pieces.offer(piece)) {
                pieces.poll();
            }
        }

        @Override public int read(ByteBuffer target) throws IOException {
            require(target.hasRemaining(), "there is room to read into");
            try {
                while (!rest.hasRemaining()) {
                    if (!open) throw new ClosedChannelException();
                    if (ended) return -1;
                    var piece = pieces.take();
                    ended = piece == END;
                    rest = ByteBuffer.wrap(piece);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                close();
                throw new ClosedByInterruptException();
            }
            int count = Math.min(rest.remaining(), target.remaining());
            target.put(rest.slice(rest.position(), count));
            rest.position(rest.position() + count);
            return count;
        }

        @Override public int write(ByteBuffer source) throws IOException {
            int count = Math.min(source.remaining(), PIECE_MAX);
            var input = new byte[count];
            source.get(input);
            try {
                if (!open || !connection.open) throw new ClosedChannelException();
                connection.inputs.put(input);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                close();
                throw new ClosedByInterruptException();
            }
            return count;
        }

        @Override public boolean isOpen() {
            return open;
        }

        @Override public void close() {
            open = false;
            viewers.remove(this);
            push(END);
        }
    }
}
