package dev.hostal.spi;

import dev.hostal.model.ExitStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// What an instance wrote, kept on disk within limits; readable while it runs and after.
public interface MachineLogs {
    enum Stream { STDOUT, STDERR, CONSOLE }

    /// A piece of output as it was written: not a line.
    ///
    /// @param offset where it begins in the log: later pieces have greater ones, and it stays when older ones go
    record Piece(long offset, Instant time, Stream stream, byte[] bytes) {}

    /// Reads pieces in order; follows the file where asked.
    interface Reader extends AutoCloseable {
        /// @return the next piece; empty at the end: of the log, or, when following, of the machine
        Optional<Piece> next() throws IOException, InterruptedException;

        @Override void close();
    }

    /// The program's output. Pieces older than the limit are gone.
    Reader output(boolean follow) throws IOException;

    /// The console: what firmware, kernel and init wrote.
    Reader console(boolean follow) throws IOException;

    /// How the program of the newest run ended, as far as the machine could write it down; the only witness
    /// of an end that came while the daemon was dead. Empty while it runs, and when it vanished without a word.
    default Optional<ExitStatus> lastExit() throws IOException {
        return Optional.empty();
    }
}
