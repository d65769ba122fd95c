package dev.hostal.agent;

import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Reads a log that may still grow. The file is looked at every few milliseconds: one `fstat`, cheaper and
/// simpler than a watch, which would say nothing of appends within the JDK's polling interval either.
abstract class LogFollower implements MachineLogs.Reader {
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final int LOOKS_BETWEEN_CHECKS = 20;

    private final boolean follow;
    private final BooleanSupplier running;
    private boolean over;

    /// @param running whether the machine may write on
    LogFollower(boolean follow, BooleanSupplier running) {
        this.follow = follow;
        this.running = running;
    }

    /// The next piece that is there already.
    abstract Optional<MachineLogs.Piece> poll() throws IOException;

    @Override public final Optional<MachineLogs.Piece> next() throws IOException, InterruptedException {
        for (int look = 0; ; look++) {
            var piece = poll();
            if (piece.isPresent() || !follow || over) return piece;
            // Looked at once more after the machine's end: it may have written between the two looks.
            if (look % LOOKS_BETWEEN_CHECKS == 0) over = !running.getAsBoolean();
            if (!over) Thread.sleep(LOOK);
        }
    }
}
