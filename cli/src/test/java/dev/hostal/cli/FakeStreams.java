package dev.hostal.cli;

import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// The streams of a program that is a method. Its thread is the one that receives.
final class FakeStreams implements Hostal.Streams {
    /// What happens to a program.
    sealed interface Happening {
        record Input(byte[] bytes) implements Happening {}

        record EndOfInput() implements Happening {}

        record Resized(int columns, int rows) implements Happening {}

        record Signalled(String name) implements Happening {}

        record LetGo() implements Happening {}
    }

    /// A program: writes to the sink, reads what happens, returns its status.
    interface Program {
        OptionalInt run(Hostal.Streams.Sink sink, FakeStreams streams) throws IOException, InterruptedException;
    }

    private final Program program;
    private final BlockingQueue<Happening> happenings = new ArrayBlockingQueue<>(10_000);

    FakeStreams(Program program) {
        this.program = program;
    }

    Happening next() throws InterruptedException {
        return happenings.take();
    }

    List<Happening> unread() {
        return List.copyOf(happenings);
    }

    @Override public void sendStdin(byte[] bytes, int offset, int length) {
        happenings.add(new Happening.Input(Arrays.copyOfRange(bytes, offset, offset + length)));
    }

    @Override public void closeStdin() {
        happenings.add(new Happening.EndOfInput());
    }

    @Override public void resize(int columns, int rows) {
        happenings.add(new Happening.Resized(columns, rows));
    }

    @Override public void signal(String signal) {
        happenings.add(new Happening.Signalled(signal));
    }

    @Override public OptionalInt receive(Sink sink) throws IOException {
        try {
            return program.run(sink, this);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override public void close() {
        happenings.add(new Happening.LetGo());
    }
}
