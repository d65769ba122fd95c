package dev.hostal.linux;

import dev.hostal.base.Deadline;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The streams of one running command, each served by a thread of its own, so that none can block another.
final class CommandStreams {
    private final Process process;
    private final CapturedText stdout;
    private final CapturedText stderr;
    private final List<CompletableFuture<Void>> ends = new ArrayList<>();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    private CommandStreams(Command command, Process process) {
        this.process = process;
        this.stderr = CapturedText.ofEnd(Command.STDERR_MAX, command.line());
        this.stdout = switch (command.stdout()) {
            case Command.Stdout.Text(int bytesMax) -> CapturedText.ofAll(bytesMax, command.line());
            case Command.Stdout.Appended _, Command.Stdout.To _ -> CapturedText.ofAll(0, command.line());
        };
    }

    static CommandStreams of(Command command, Process process) {
        var streams = new CommandStreams(command, process);
        streams.serve("stderr", () -> streams.stderr.readAll(process.getErrorStream()));
        switch (command.stdout()) {
            case Command.Stdout.Text _ ->
                    streams.serve("stdout", () -> streams.stdout.readAll(process.getInputStream()));
            case Command.Stdout.To(var reader) -> streams.serve("stdout", () -> streams.read(reader));
            case Command.Stdout.Appended _ -> { }
        }
        switch (command.stdin()) {
            case Command.Stdin.From(var writer) -> streams.serve("stdin", () -> streams.write(writer));
            case Command.Stdin.Empty _ -> { }
        }
        return streams;
    }

    /// Waits for the program's end and that of its streams; false where the deadline was sooner.
    ///
    /// @throws IOException a stream failed
    boolean waitForEnd(Deadline deadline) throws IOException, InterruptedException {
        var all = new ArrayList<CompletableFuture<?>>(ends);
        all.add(process.onExit());
        var whole = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
        try {
            CompletableFuture.anyOf(whole, failure).get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) throw failed;
            throw new IOException("a stream of a program failed", e.getCause());
        }
    }

    String stdout() {
        return stdout.text();
    }

    String stderr() {
        return stderr.text();
    }

    private interface Service {
        void run() throws IOException, InterruptedException;
    }

    private void serve(String stream, Service service) {
        var end = new CompletableFuture<Void>();
        ends.add(end);
        Thread.ofVirtual().name("command-" + process.pid() + "-" + stream).start(() -> {
            try {
                service.run();
                end.complete(null);
            } catch (PipeClosed _) {
                // The program did not want all of its input: its exit status says whether that is wrong.
                end.complete(null);
            } catch (IOException | InterruptedException | RuntimeException e) {
                failure.completeExceptionally(e);
            }
        });
    }

    private void read(Command.Reader reader) throws IOException, InterruptedException {
        var in = process.getInputStream();
        reader.readFrom(in);
        in.transferTo(OutputStream.nullOutputStream());
    }

    private void write(Command.Writer writer) throws IOException, InterruptedException {
        try (var out = new Pipe(process.getOutputStream())) {
            writer.writeTo(out);
        }
    }

    private static final class PipeClosed extends IOException {
        private static final long serialVersionUID = 1;

        PipeClosed(IOException cause) {
            super("the program has closed its standard input", cause);
        }
    }

    /// Tells a failure to write to the program from a failure of what is written.
    private static final class Pipe extends FilterOutputStream {
        Pipe(OutputStream out) {
            super(out);
        }

        @Override public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw new PipeClosed(e);
            }
        }

        @Override public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw new PipeClosed(e);
            }
        }

        @Override public void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw new PipeClosed(e);
            }
        }
    }
}
