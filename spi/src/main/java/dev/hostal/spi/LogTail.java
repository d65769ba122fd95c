package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.spi.MachineLogs.Piece;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;

/// Where the last lines of a log begin. Found by reading what is there once, and kept as a place in the log, not as a
/// count: meanwhile the log may grow at its end, and be trimmed at its beginning.
///
/// @param piece offset of the piece in which they begin
/// @param skipped bytes of that piece that come before
/// @param end offset of the last piece that was there; [Long#MIN_VALUE] of an empty log
public record LogTail(long piece, int skipped, long end) {
    /// Most lines that can be asked for: their places are kept meanwhile. Chosen.
    public static final int LINES_MAX = 100_000;

    /// @param reader of what is there, not a follower; closed afterwards
    /// @param lines how many, up to [#LINES_MAX]; a line without an end counts as one
    /// @param wanted the pieces whose lines count
    public static LogTail of(MachineLogs.Reader reader, long lines, Predicate<Piece> wanted)
            throws IOException, InterruptedException {
        require(lines >= 0 && lines <= LINES_MAX, "a tail has up to %d lines, not %d", LINES_MAX, lines);
        // Where each of the last lines begins, in a ring.
        var pieces = new long[(int) lines + 1];
        var skipped = new int[(int) lines + 1];
        long count = 0;
        long end = Long.MIN_VALUE;
        boolean atBegin = true;
        try (reader) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                end = next.get().offset();
                if (!wanted.test(next.get())) continue;
                var bytes = next.get().bytes();
                for (int i = 0; i < bytes.length; i++) {
                    if (atBegin) {
                        int at = (int) (count++ % pieces.length);
                        pieces[at] = end;
                        skipped[at] = i;
                    }
                    atBegin = bytes[i] == '\n';
                }
            }
        }
        if (lines == 0) return new LogTail(end, Integer.MAX_VALUE, end);
        if (count <= lines) return new LogTail(Long.MIN_VALUE, 0, end);
        int begin = (int) ((count - lines) % pieces.length);
        return new LogTail(pieces[begin], skipped[begin], end);
    }

    /// What of a piece belongs to the last lines, or came after them.
    public Optional<Piece> cut(Piece next) {
        if (next.offset() > piece) return Optional.of(next);
        if (next.offset() < piece || skipped >= next.bytes().length) return Optional.empty();
        return Optional.of(new Piece(next.offset(), next.time(), next.stream(),
                Arrays.copyOfRange(next.bytes(), skipped, next.bytes().length)));
    }

    /// Whether it came after the log was looked at.
    public boolean isAfter(Piece next) {
        return next.offset() > end;
    }
}
