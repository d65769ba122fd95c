package dev.hostal.cli;

import dev.hostal.cli.FakeStreams.Happening;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;

/// What the programs of a fake guest do.
final class FakePrograms {
    private FakePrograms() {}

    static OptionalInt run(List<String> command, boolean tty, Hostal.Streams.Sink sink, FakeStreams streams, Runnable end)
            throws IOException, InterruptedException {
        sink.started();
        var status = status(command, tty, sink, streams);
        end.run();
        return status;
    }

    private static OptionalInt status(List<String> command, boolean tty, Hostal.Streams.Sink sink, FakeStreams streams)
            throws IOException, InterruptedException {
        return switch (command.isEmpty() ? "true" : command.getFirst()) {
            case "true" -> OptionalInt.of(0);
            case "exit" -> OptionalInt.of(Integer.parseInt(command.get(1)));
            case "echo" -> {
                write(sink, String.join(" ", command.subList(1, command.size())) + "\n");
                yield OptionalInt.of(0);
            }
            case "both" -> {
                write(sink, "out\n");
                var bytes = "err\n".getBytes(StandardCharsets.UTF_8);
                sink.stderr(bytes, 0, bytes.length);
                yield OptionalInt.of(3);
            }
            case "bytes" -> {
                var bytes = new byte[256];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) i;
                }
                sink.stdout(bytes, 0, bytes.length);
                yield OptionalInt.of(0);
            }
            case "yes" -> {
                while (true) {
                    write(sink, "y\n".repeat(1000));
                }
            }
            case "cat" -> cat(tty, sink, streams);
            case "tell" -> tell(sink, streams);
            // The script that puts a key: the user says how it ends, and the key is shown.
            case "/bin/sh" -> {
                var bytes = command.getLast().getBytes(StandardCharsets.UTF_8);
                sink.stderr(bytes, 0, bytes.length);
                yield OptionalInt.of(Integer.parseInt(command.get(4).substring("status".length())));
            }
            case "break" -> throw new IOException("the connection was reset");
            case "close" -> OptionalInt.empty();
            case String name -> throw new ApiException(FakeHostal.error("PROGRAM_NOT_RUNNABLE",
                    name.equals("noexec") ? "noexec: permission denied" : name + " was not found in the guest"));
        };
    }

    /// Copies its input; with a terminal the end of transmission ends it.
    private static OptionalInt cat(boolean tty, Hostal.Streams.Sink sink, FakeStreams streams)
            throws IOException, InterruptedException {
        while (true) {
            switch (streams.next()) {
                case Happening.Input(var bytes) -> {
                    if (tty && bytes[0] == 4) return OptionalInt.of(0);
                    sink.stdout(bytes, 0, bytes.length);
                }
                case Happening.EndOfInput _ -> {
                    return OptionalInt.of(0);
                }
                case Happening.LetGo _ -> throw new IOException("closed");
                case Happening.Resized _, Happening.Signalled _ -> { }
            }
        }
    }

    /// Tells everything that happens to it; `q` ends it, and so does being killed.
    private static OptionalInt tell(Hostal.Streams.Sink sink, FakeStreams streams) throws IOException, InterruptedException {
        write(sink, "ready\r\n");
        while (true) {
            switch (streams.next()) {
                case Happening.Input(var bytes) -> {
                    var text = new StringBuilder("keys");
                    for (byte one : bytes) {
                        if (one == 'q') return OptionalInt.of(5);
                        text.append(' ').append(one);
                    }
                    write(sink, text + "\r\n");
                }
                case Happening.EndOfInput _ -> write(sink, "end of input\r\n");
                case Happening.Resized(int columns, int rows) -> write(sink, "size " + columns + " " + rows + "\r\n");
                case Happening.Signalled(var name) -> {
                    write(sink, "signal " + name + "\r\n");
                    if (name.equals("KILL")) return OptionalInt.of(137);
                }
                case Happening.LetGo _ -> throw new IOException("closed");
            }
        }
    }

    private static void write(Hostal.Streams.Sink sink, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        sink.stdout(bytes, 0, bytes.length);
    }
}
