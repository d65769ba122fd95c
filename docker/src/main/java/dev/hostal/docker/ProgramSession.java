package dev.hostal.docker;

import dev.hostal.spi.GuestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Joins a program's streams and a connection until one of them ends.
///
/// @param tty the program has a terminal
/// @param stdin what the client sends goes to the program
/// @param once the program's input ends with the client's; otherwise others may go on with it
/// @param raw its streams go to the client without frames, as with a terminal
/// @param detach keys that end the session and leave the program running; none where empty
record ProgramSession(boolean tty, boolean stdin, boolean once, boolean stdout, boolean stderr, byte[] detach, boolean raw) {
    private static final int PIECE = 32 << 10;

    /// What must be true before the client is told that the output has ended.
    @FunctionalInterface
    interface BeforeEnd {
        void await() throws InterruptedException;
    }

    /// Returns when the program's output has ended, or the client has gone or detached.
    void run(GuestProcess process, Duplex connection, BeforeEnd before) {
        var frames = new Frames(connection.output(), tty || raw);
        var ended = new CompletableFuture<Boolean>();
        var out = pump(process.stdout(), stdout ? frames : null, Frames.STDOUT, ended);
        var err = pump(process.stderr(), stderr ? frames : null, Frames.STDERR, ended);
        Thread.ofVirtual().name("docker-output-end").start(() -> {
            try {
                out.join();
                err.join();
                ended.complete(true);
            } catch (InterruptedException _) {
                // Nobody interrupts this thread.
            }
        });
        var in = Thread.ofVirtual().name("docker-stdin").start(() -> input(process, connection, ended));
        try {
            if (ended.get()) {
                before.await();
                connection.output().close();
            }
        } catch (IOException | ExecutionException _) {
            // The client is gone.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        in.interrupt();
    }

    private static Thread pump(InputStream from, Frames to, int stream, CompletableFuture<Boolean> ended) {
        return Thread.ofVirtual().name("docker-output").start(() -> {
            var piece = new byte[PIECE];
            while (true) {
                int count;
                try {
                    count = from.read(piece);
                } catch (IOException _) {
                    return;         // the machine has vanished: nothing more comes
                }
                if (count < 0) return;
                try {
                    if (to != null) to.send(stream, piece, count);
                } catch (IOException _) {
                    ended.complete(false);
                    return;
                }
            }
        });
    }

    private void input(GuestProcess process, Duplex connection, CompletableFuture<Boolean> ended) {
        var keys = new DetachKeys(tty ? detach : new byte[0]);
        var piece = new byte[PIECE];
        try {
            var from = connection.input();
            for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
                if (!stdin) continue;
                var passed = keys.pass(piece, count);
                if (passed.length > 0) {
                    process.stdin().write(passed);
                    process.stdin().flush();
                }
                if (keys.isPressed()) {
                    ended.complete(false);
                    return;
                }
            }
            // The client has sent all; it may still want to read.
            if (stdin && once) process.stdin().close();
        } catch (IOException _) {
            // One of both is gone: its other streams tell.
        }
    }
}
