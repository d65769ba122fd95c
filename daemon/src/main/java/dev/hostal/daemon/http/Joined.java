package dev.hostal.daemon.http;

import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.OptionalInt;

/// What a WebSocket is joined to: a program with its streams, or a bare link of bytes.
sealed interface Joined extends AutoCloseable {
    InputStream stdout();

    InputStream stderr();

    OutputStream stdin();

    void closeStdin() throws IOException;

    void resize(TerminalSize size) throws IOException;

    void signal(String signal) throws IOException;

    /// Called when there is no more output.
    ///
    /// @return the exit status, where there is one
    OptionalInt waitForEnd() throws IOException, InterruptedException;

    @Override void close();

    /// How a program ended whose streams broke, as far as somebody else knows.
    @FunctionalInterface
    interface Witness {
        OptionalInt exit() throws InterruptedException;
    }

    record Program(GuestProcess process, Witness witness) implements Joined {
        @Override public InputStream stdout() {
            return process.stdout();
        }

        @Override public InputStream stderr() {
            return process.stderr();
        }

        @Override public OutputStream stdin() {
            return process.stdin();
        }

        @Override public void closeStdin() throws IOException {
            process.stdin().close();
        }

        @Override public void resize(TerminalSize size) throws IOException {
            process.resize(size);
        }

        @Override public void signal(String signal) throws IOException {
            process.signal(signal);
        }

        @Override public OptionalInt waitForEnd() throws IOException, InterruptedException {
            try {
                return OptionalInt.of(process.waitForExit().code());
            } catch (IOException e) {
                var exit = witness.exit();
                if (exit.isEmpty()) throw e;
                return exit;
            }
        }

        @Override public void close() {
            process.close();
        }
    }

    /// A console or a TCP connection: it has no size, no signals and no exit status.
    record Link(ByteChannel channel) implements Joined {
        @Override public InputStream stdout() {
            return Channels.newInputStream(channel);
        }

        @Override public InputStream stderr() {
            return InputStream.nullInputStream();
        }

        @Override public OutputStream stdin() {
            return Channels.newOutputStream(channel);
        }

        /// Only a socket can end one direction; others stay open until the client leaves.
        @Override public void closeStdin() throws IOException {
            if (channel instanceof SocketChannel socket) socket.shutdownOutput();
        }

        @Override public void resize(TerminalSize size) {}

        @Override public void signal(String signal) {}

        @Override public OptionalInt waitForEnd() {
            return OptionalInt.empty();
        }

        @Override public void close() {
            try {
                channel.close();
            } catch (IOException _) {
                // It is let go either way.
            }
        }
    }

    /// What a build asks its client for.
    record Talk(BuildTalks.Talk talk) implements Joined {
        @Override public InputStream stdout() {
            return talk.toClient();
        }

        @Override public InputStream stderr() {
            return InputStream.nullInputStream();
        }

        @Override public OutputStream stdin() {
            return talk.fromClient();
        }

        @Override public void closeStdin() throws IOException {
            talk.endOfClient();
        }

        @Override public void resize(TerminalSize size) {}

        @Override public void signal(String signal) {}

        @Override public OptionalInt waitForEnd() {
            return OptionalInt.empty();
        }

        @Override public void close() {
            talk.end();
        }
    }

    /// A program after whose end something else must be over, too, before the end is told.
    record Last(Program program, Ending ending) implements Joined {
        /// Waits for what comes after the program's end.
        @FunctionalInterface
        interface Ending {
            void await() throws InterruptedException;
        }

        @Override public InputStream stdout() {
            return program.stdout();
        }

        @Override public InputStream stderr() {
            return program.stderr();
        }

        @Override public OutputStream stdin() {
            return program.stdin();
        }

        @Override public void closeStdin() throws IOException {
            program.closeStdin();
        }

        @Override public void resize(TerminalSize size) throws IOException {
            program.resize(size);
        }

        @Override public void signal(String signal) throws IOException {
            program.signal(signal);
        }

        @Override public OptionalInt waitForEnd() throws IOException, InterruptedException {
            var exit = program.waitForEnd();
            // It deletes itself only when nobody reads its output any more.
            program.close();
            ending.await();
            return exit;
        }

        @Override public void close() {
            program.close();
        }
    }
}
