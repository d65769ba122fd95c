package dev.hostal.cli;

import dev.hostal.cli.terminal.DetachKeys;
import dev.hostal.cli.terminal.Signals;
import dev.hostal.cli.terminal.Terminal;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// This process's streams joined to those of a program in a guest: bytes pass untouched, keys and signals go where they
/// belong, and the terminal is as before when it is over.
///
/// One thread receives (the caller's), one reads standard input; signals come on threads of the JVM.
public final class Attachment {
    /// What is joined.
    ///
    /// @param stdin standard input goes to the program
    /// @param tty the program has a terminal: sizes go to it, and keys one by one where ours is one too
    /// @param signals are passed on while keys are not
    public record Wanted(boolean stdin, boolean tty, boolean signals, DetachKeys detach) {
        /// A program, as of `run` and `exec`.
        public static Wanted program(boolean stdin, boolean tty) {
            return new Wanted(stdin, tty, true, DetachKeys.ctrlPQ());
        }

        /// With other keys that let go of it.
        public Wanted letGoBy(DetachKeys keys) {
            return new Wanted(stdin, tty, signals, keys);
        }

        /// A line that has no program of ours at its end, such as a console or a connection.
        ///
        /// @param keys go one by one
        public static Wanted line(boolean keys) {
            return new Wanted(true, keys, false, DetachKeys.ctrlBracket());
        }
    }

    /// How it ended.
    public sealed interface Outcome {
        record Exited(int status) implements Outcome {}

        /// The keys were typed; the program runs on.
        record Detached() implements Outcome {}

        /// The other side closed without a status, as consoles do.
        record Closed() implements Outcome {}
    }

    private static final int CHUNK = 16 << 10;

    private final Session session;
    private final Hostal.Streams streams;
    private final Wanted wanted;
    private final List<Signals.Handling> handlings = new ArrayList<>();
    private final Runnable onOutput;
    private Optional<Terminal.Raw> raw = Optional.empty();
    private volatile boolean detached;
    private boolean ended;
    private int interrupts;

    /// @param onOutput called before anything is written, such as to erase what is drawn
    public Attachment(Session session, Hostal.Streams streams, Wanted wanted, Runnable onOutput) {
        this.session = session;
        this.streams = streams;
        this.wanted = wanted;
        this.onOutput = onOutput;
    }

    /// Tells the terminal's size ahead of the program, so that it finds it when it starts.
    public void announceSize() {
        if (wanted.tty() && wanted.signals()) resize();
    }

    /// Hands keys, input, sizes and signals on from now. To be called when the program runs, or is about to.
    public synchronized void begin() throws IOException {
        // A short program may be over before we hear that it has started.
        if (ended) return;
        if (wanted.stdin() && wanted.tty() && session.terminal().isInput()) {
            raw = Optional.of(session.terminal().raw());
        } else if (wanted.signals()) {
            handlings.add(session.signals().on("INT", this::interrupt));
            handlings.add(session.signals().on("TERM", () -> signal("TERM")));
            handlings.add(session.signals().on("HUP", () -> signal("HUP")));
        }
        if (wanted.tty() && wanted.signals()) {
            handlings.add(session.signals().on("WINCH", this::resize));
            resize();
        }
        if (wanted.stdin()) {
            var reader = new Thread(this::readInput, "stdin");
            reader.setDaemon(true);
            reader.start();
        }
    }

    /// Passes output on until it ends.
    ///
    /// @throws dev.hostal.client.ApiException the daemon said why there is no more
    /// @throws IOException the connection broke; the program may run on
    public Outcome receive() throws IOException {
        try {
            var status = streams.receive(new Pass());
            if (detached) return new Outcome.Detached();
            return toOutcome(status);
        } catch (IOException broken) {
            if (detached) return new Outcome.Detached();
            throw broken;
        } finally {
            end();
        }
    }

    /// Brings the terminal back. Twice does no harm.
    public synchronized void end() {
        ended = true;
        raw.ifPresent(Terminal.Raw::close);
        handlings.forEach(Signals.Handling::close);
        handlings.clear();
    }

    private static Outcome toOutcome(OptionalInt status) {
        return status.isPresent() ? new Outcome.Exited(status.getAsInt()) : new Outcome.Closed();
    }

    private final class Pass implements Hostal.Streams.Sink {
        @Override public void stdout(byte[] bytes, int offset, int length) throws IOException {
            pass(session.out(), bytes, offset, length);
        }

        @Override public void stderr(byte[] bytes, int offset, int length) throws IOException {
            pass(session.err(), bytes, offset, length);
        }

        private void pass(Output output, byte[] bytes, int offset, int length) throws IOException {
            onOutput.run();
            try {
                output.write(bytes, offset, length);
                output.flush();
            } catch (Output.Closed nobodyReads) {
                // What the kernel would tell it, were the pipe its own.
                if (wanted.signals()) signal("PIPE");
                throw nobodyReads;
            }
        }
    }

    private void readInput() {
        var typed = new byte[CHUNK];
        var passed = new byte[CHUNK + wanted.detach().length()];
        try {
            while (true) {
                int length = session.in().read(typed);
                if (length < 0) {
                    streams.closeStdin();
                    return;
                }
                if (raw.isEmpty()) {
                    streams.sendStdin(typed, 0, length);
                    continue;
                }
                int count = wanted.detach().pass(typed, length, passed);
                int send = count < 0 ? -1 - count : count;
                if (send > 0) streams.sendStdin(passed, 0, send);
                if (count < 0) {
                    detached = true;
                    streams.close();
                    return;
                }
            }
        } catch (IOException _) {
            // The receiving side learns of it too, and says it.
        }
    }

    private void resize() {
        try {
            var size = session.terminal().size();
            if (size.columns() > 0) streams.resize(size.columns(), size.rows());
        } catch (IOException _) {
            // A wrong size is no reason to end a program.
        }
    }

    /// The first Ctrl-C is the program's; whoever insists ends it.
    private synchronized void interrupt() {
        signal(interrupts++ == 0 ? "INT" : "KILL");
    }

    private void signal(String signal) {
        try {
            streams.signal(signal);
        } catch (IOException _) {
            // The receiving side learns of it too, and says it.
        }
    }
}
