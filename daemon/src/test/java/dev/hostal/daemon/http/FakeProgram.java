package dev.hostal.daemon.http;

import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// A program that a guest might run. Its streams are [Pipe]s, which block like those of a guest.
///
/// `cat` echoes, `sleep` is silent for ever, `flood N` writes so many bytes, `both` writes to both streams and ends
/// with 3, `deaf` never reads, `vanish` loses its guest, `report` writes each resize and signal.
final class FakeProgram implements GuestProcess {
    private final Pipe stdin = new Pipe();
    private final Pipe stdout = new Pipe();
    private final Pipe stderr = new Pipe();
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final AtomicInteger open;
    private final List<String> argv;
    private final Thread thread;
    private boolean closed;

    FakeProgram(List<String> argv, AtomicInteger open) {
        this.argv = argv;
        this.open = open;
        open.incrementAndGet();
        this.thread = Thread.ofVirtual().name("fake-program").start(this::run);
    }

    private void run() {
        try {
            int status = switch (argv.getFirst()) {
                case "cat" -> cat();
                case "flood" -> flood(Long.parseLong(argv.get(1)));
                case "both" -> both();
                case "sleep", "deaf", "report" -> sleep();
                case "vanish" -> throw new IOException("the agent is gone");
                default -> 127;
            };
            stdout.out().close();
            stderr.out().close();
            exit.complete(new ExitStatus(status));
        } catch (IOException | InterruptedException e) {
            stdout.tear();
            stderr.tear();
            exit.completeExceptionally(new IOException("the guest is gone"));
        }
    }

    private int cat() throws IOException {
        stdin.in().transferTo(stdout.out());
        return 0;
    }

    private int flood(long count) throws IOException {
        var bytes = new byte[8192];
        for (long done = 0; done < count; done += bytes.length) {
            stdout.out().write(bytes, 0, (int) Math.min(bytes.length, count - done));
        }
        return 0;
    }

    private int both() throws IOException {
        stdout.out().write("to stdout".getBytes());
        stderr.out().write("to stderr".getBytes());
        return 3;
    }

    private int sleep() throws InterruptedException {
        Thread.sleep(Long.MAX_VALUE);
        return 0;
    }

    @Override public InputStream stdout() {
        return stdout.in();
    }

    @Override public InputStream stderr() {
        return stderr.in();
    }

    @Override public OutputStream stdin() {
        return stdin.out();
    }

    @Override public void resize(TerminalSize size) throws IOException {
        stdout.out().write("%dx%d ".formatted(size.columns(), size.rows()).getBytes());
    }

    @Override public void signal(String signal) throws IOException {
        stdout.out().write((signal + " ").getBytes());
        if (signal.equals("KILL")) {
            stdout.out().close();
            stderr.out().close();
            exit.complete(ExitStatus.KILLED);
        }
    }

    @Override public ExitStatus waitForExit() throws IOException, InterruptedException {
        try {
            return exit.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        }
    }

    @Override public synchronized void close() {
        if (closed) return;
        closed = true;
        open.decrementAndGet();
        stdin.tear();
        stdout.tear();
        stderr.tear();
        thread.interrupt();
    }

    /// A pipe of 64 KiB: writing blocks while it is full, reading while it is empty.
    static final class Pipe {
        private final byte[] ring = new byte[64 << 10];
        private int begin;
        private int count;
        private boolean ended;
        private boolean torn;

        synchronized void tear() {
            torn = true;
            notifyAll();
        }

        private synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            for (int i = 0; i < length; ) {
                if (torn || ended) throw new IOException("broken pipe");
                if (count == ring.length) {
                    pause();
                    continue;
                }
                ring[(begin + count++) % ring.length] = bytes[offset + i++];
                if (count == 1) notifyAll();
            }
            notifyAll();
        }

        private synchronized int read(byte[] bytes, int offset, int length) throws IOException {
            while (count == 0) {
                if (ended) return -1;
                if (torn) throw new IOException("the stream broke");
                pause();
            }
            int done = Math.min(length, count);
            for (int i = 0; i < done; i++) {
                bytes[offset + i] = ring[(begin + i) % ring.length];
            }
            begin = (begin + done) % ring.length;
            count -= done;
            notifyAll();
            return done;
        }

        private void pause() throws IOException {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        InputStream in() {
            return new InputStream() {
                @Override public int read() throws IOException {
                    var one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override public int read(byte[] bytes, int offset, int length) throws IOException {
                    return Pipe.this.read(bytes, offset, length);
                }
            };
        }

        OutputStream out() {
            return new OutputStream() {
                @Override public void write(int one) throws IOException {
                    Pipe.this.write(new byte[] {(byte) one}, 0, 1);
                }

                @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                    Pipe.this.write(bytes, offset, length);
                }

                @Override public void close() {
                    synchronized (Pipe.this) {
                        ended = true;
                        Pipe.this.notifyAll();
                    }
                }
            };
        }
    }
}
