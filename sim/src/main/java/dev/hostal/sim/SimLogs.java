package dev.hostal.sim;

import dev.hostal.model.ExitStatus;
import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The logs of a simulated instance; they stay when its machine ends.
final class SimLogs implements MachineLogs {
    /// Pieces kept of each log. Chosen.
    private static final int PIECES_MAX = 10_000;

    private final List<Piece> output = new ArrayList<>();
    private final List<Piece> console = new ArrayList<>();
    private Optional<ExitStatus> exit = Optional.empty();
    private boolean running;

    synchronized void begin() {
        running = true;
        exit = Optional.empty();
    }

    synchronized void add(Instant time, Stream stream, byte[] bytes) {
        var log = stream == Stream.CONSOLE ? console : output;
        if (log.size() == PIECES_MAX) log.removeFirst();
        log.add(new Piece(log.isEmpty() ? 0 : log.getLast().offset() + 1, time, stream, bytes));
        notifyAll();
    }

    synchronized void exited(ExitStatus status) {
        exit = Optional.of(status);
    }

    synchronized void end() {
        running = false;
        notifyAll();
    }

    @Override public Reader output(boolean follow) {
        return new ListReader(output, follow);
    }

    @Override public Reader console(boolean follow) {
        return new ListReader(console, follow);
    }

    @Override public synchronized Optional<ExitStatus> lastExit() {
        return exit;
    }

    private final class ListReader implements Reader {
        private final List<Piece> pieces;
        private final boolean follow;
        private int position;
        private boolean closed;

        ListReader(List<Piece> pieces, boolean follow) {
            this.pieces = pieces;
            this.follow = follow;
        }

        @Override public Optional<Piece> next() throws IOException, InterruptedException {
            synchronized (SimLogs.this) {
                while (position >= pieces.size() && follow && running && !closed) {
                    SimLogs.this.wait();
                }
                if (closed || position >= pieces.size()) return Optional.empty();
                return Optional.of(pieces.get(position++));
            }
        }

        @Override public void close() {
            synchronized (SimLogs.this) {
                closed = true;
                SimLogs.this.notifyAll();
            }
        }
    }
}
