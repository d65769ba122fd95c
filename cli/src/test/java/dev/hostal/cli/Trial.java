package dev.hostal.cli;

import dev.hostal.cli.terminal.Signals;
import dev.hostal.cli.terminal.Terminal;
import dev.hostal.client.Hostal;
import dev.hostal.model.TerminalSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Runs command lines in this process, without a terminal, against a fake daemon.
final class Trial {
    static final Clock NOON = Clock.fixed(Instant.parse("2026-11-23T20:05:00Z"), ZoneOffset.UTC);

    final FakeHostal hostal = new FakeHostal();
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    final Map<String, Runnable> signals = new HashMap<>();
    final Map<String, String> env = new HashMap<>();
    byte[] in = {};
    OutputStream outSink = out;
    boolean daemonRuns = true;
    Path home = Path.of("/nowhere");

    int run(String... words) throws InterruptedException {
        out.reset();
        err.reset();
        var session = new Session(new ByteArrayInputStream(in), new Output(outSink), new Output(err), env, NO_TERMINAL,
                this::on, connector(), NOON, home, Path.of("/opt/it's 100%/hostal"));
        return new CommandLine(session).run(List.of(words));
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private synchronized Signals.Handling on(String signal, Runnable action) {
        signals.put(signal, action);
        return () -> signals.remove(signal);
    }

    Connector connector() {
        return new Connector() {
            @Override public Hostal connect() {
                return hostal;
            }

            @Override public Optional<Hostal> running() {
                return daemonRuns ? Optional.of(hostal) : Optional.empty();
            }

            @Override public void start(List<String> options) {
                daemonRuns = true;
            }

            @Override public void stop() {
                daemonRuns = false;
            }

            @Override public List<String> logTail(int lines) {
                return List.of("one line");
            }
        };
    }

    static final Terminal NO_TERMINAL = new Terminal() {
        @Override public boolean isInput() {
            return false;
        }

        @Override public boolean isOutput() {
            return false;
        }

        @Override public boolean isError() {
            return false;
        }

        @Override public OptionalInt columns() {
            return OptionalInt.empty();
        }

        @Override public TerminalSize size() {
            return new TerminalSize(0, 0);
        }

        @Override public Raw raw() throws IOException {
            throw new IOException("no terminal");
        }
    };
}
