package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.spi.MachineLogs.Piece;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The last lines of a log, as it was when it was read once. They are kept, not looked for again: meanwhile the log may
/// grow at its end and be trimmed at its beginning, beyond where they were.
///
/// @param pieces with the lines, oldest first
/// @param last offset of the last piece that was there, wanted or not; [Long#MIN_VALUE] of an empty log
/// @param end offset behind the last byte that was there
public record LogTail(List<Piece> pieces, long last, long end) {
    /// Most lines that can be asked for: they are held in memory. Chosen.
    public static final int LINES_MAX = 100_000;

    public LogTail {
        pieces = List.copyOf(pieces);
    }

    /// @param reader of what is there, not a follower; closed afterwards
    /// @param lines how many, up to [#LINES_MAX]; a line without an end counts as one
    /// @param wanted the pieces whose lines count
    public static LogTail of(MachineLogs.Reader reader, long lines, Predicate<Piece> wanted)
            throws IOException, InterruptedException {
        require(lines >= 0 && lines <= LINES_MAX, "a tail has up to %d lines, not %d", LINES_MAX, lines);
        var kept = new ArrayDeque<Begun>();
        long count = 0;
        boolean dropped = false;
        long last = Long.MIN_VALUE;
        long end = Long.MIN_VALUE;
        boolean atBegin = true;
        try (reader) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                last = next.get().offset();
                end = last + next.get().bytes().length;
                if (!wanted.test(next.get()) || next.get().bytes().length == 0) continue;
                var begun = Begun.of(next.get(), atBegin);
                atBegin = next.get().bytes()[next.get().bytes().length - 1] == '\n';
                kept.add(begun);
                count += begun.lines();
                while (!kept.isEmpty() && count - kept.peek().lines() >= lines) {
                    count -= kept.poll().lines();
                    dropped = true;
                }
            }
        }
        var pieces = new ArrayList<Piece>();
        if (!kept.isEmpty() && (dropped || count > lines)) {
            var first = kept.poll();
            pieces.add(first.last(first.lines() - (count - lines)));
        }
        kept.forEach(begun -> pieces.add(begun.piece()));
        return new LogTail(pieces, last, end);
    }

    /// A piece, and how many lines begin in it.
    private record Begun(Piece piece, long lines) {
        static Begun of(Piece piece, boolean atBegin) {
            long lines = atBegin ? 1 : 0;
            var bytes = piece.bytes();
            for (int i = 0; i + 1 < bytes.length; i++) {
                if (bytes[i] == '\n') lines++;
            }
            return new Begun(piece, lines);
        }

        /// The last so many lines that begin in it, without what stands before them.
        Piece last(long wanted) {
            var bytes = piece.bytes();
            int from = bytes.length;
            for (long left = wanted; left > 0; left--) {
                int before = from - 2;
                while (before >= 0 && bytes[before] != '\n') {
                    before--;
                }
                from = before + 1;
            }
            return new Piece(piece.offset(), piece.time(), piece.stream(), Arrays.copyOfRange(bytes, from, bytes.length));
        }
    }

    /// What of a piece came after the log was read. A console has no pieces of its own: they begin and end elsewhere when it
    /// is read again.
    public Optional<Piece> after(Piece next) {
        if (next.stream() != MachineLogs.Stream.CONSOLE) return next.offset() > last ? Optional.of(next) : Optional.empty();
        if (next.offset() >= end) return Optional.of(next);
        var bytes = next.bytes();
        int known = Math.toIntExact(Math.min(end - next.offset(), bytes.length));
        return known == bytes.length ? Optional.empty() : Optional.of(new Piece(next.offset() + known, next.time(),
                next.stream(), Arrays.copyOfRange(bytes, known, bytes.length)));
    }
}
