package dev.hostal.core.instance;

import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// A client's end of an instance's program. It may exist before the program does: reading waits then, and the
/// size of the terminal is kept for it. Knows when its client has read everything, so that a machine that is to
/// be removed can be kept until then.
final class AttachedProcess implements GuestProcess {
    private final boolean tty;
    private final CompletableFuture<GuestProcess> bound = new CompletableFuture<>();
    private final CompletableFuture<Void> stdoutRead = new CompletableFuture<>();
    private final CompletableFuture<Void> stderrRead = new CompletableFuture<>();
    /// How the program ended, once its owner was told: the machine may be gone when its client asks.
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    /// Guarded by this object's monitor.
    private Optional<TerminalSize> size = Optional.empty();
    private boolean closed;

    AttachedProcess(boolean tty) {
        this.tty = tty;
    }

    /// Joins it to the program. Where the client has gone meanwhile, the process is let go of.
    void bind(GuestProcess process) throws IOException {
        synchronized (this) {
            if (!closed) {
                if (size.isPresent()) process.resize(size.get());
                bound.complete(process);
                return;
            }
        }
        process.close();
    }

    void fail(IOException why) {
        bound.completeExceptionally(why);
        stdoutRead.complete(null);
        stderrRead.complete(null);
    }

    void ended(ExitStatus status) {
        exit.complete(status);
    }

    /// Done when the client has read to the end, or has gone.
    CompletableFuture<Void> drained() {
        return tty ? stdoutRead : CompletableFuture.allOf(stdoutRead, stderrRead);
    }

    @Override public InputStream stdout() {
        return new Output(true, stdoutRead);
    }

    @Override public InputStream stderr() {
        return new Output(false, stderrRead);
    }

    @Override public OutputStream stdin() {
        return new Input();
    }

    @Override public void resize(TerminalSize wanted) throws IOException {
        synchronized (this) {
            size = Optional.of(wanted);
            if (!bound.isDone()) return;
        }
        process().resize(wanted);
    }

    @Override public void signal(String signal) throws IOException {
        if (!bound.isDone()) throw new IOException("The program has not started yet.");
        process().signal(signal);
    }

    @Override public ExitStatus waitForExit() throws IOException, InterruptedException {
        try {
            var status = waitForProcess().waitForExit();
            exit.complete(status);
            return status;
        } catch (IOException gone) {
            if (exit.isDone()) return exit.join();
            throw gone;
        }
    }

    @Override public void close() {
        synchronized (this) {
            closed = true;
        }
        fail(new IOException("The client let go of the program."));
        if (!bound.isCompletedExceptionally()) bound.join().close();
    }

    private GuestProcess process() throws IOException {
        try {
            return waitForProcess();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for the program").initCause(e);
        }
    }

    private GuestProcess waitForProcess() throws IOException, InterruptedException {
        try {
            return bound.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    private final class Output extends InputStream {
        private final boolean stdout;
        private final CompletableFuture<Void> read;

        Output(boolean stdout, CompletableFuture<Void> read) {
            this.stdout = stdout;
            this.read = read;
        }

        @Override public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            boolean goesOn = false;
            try {
                int count = source().read(bytes, offset, length);
                goesOn = count >= 0;
                return count;
            } finally {
                if (!goesOn) read.complete(null);
            }
        }

        @Override public int available() throws IOException {
            return bound.isDone() ? source().available() : 0;
        }

        @Override public void close() throws IOException {
            read.complete(null);
            if (bound.isDone()) source().close();
        }

        private InputStream source() throws IOException {
            return stdout ? process().stdout() : process().stderr();
        }
    }

    private final class Input extends OutputStream {
        @Override public void write(int b) throws IOException {
            process().stdin().write(b);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            process().stdin().write(bytes, offset, length);
        }

        @Override public void flush() throws IOException {
            process().stdin().flush();
        }

        @Override public void close() throws IOException {
            process().stdin().close();
        }
    }
}
