package dev.hostal.agent;

import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The output of the instance's program out of the records of its agent.
final class OutputReader extends LogFollower {
    private final Path log;
    private final boolean follow;
    private Optional<LogScan> scan = Optional.empty();

    OutputReader(Path log, boolean follow, BooleanSupplier running) {
        super(follow, running);
        this.log = log;
        this.follow = follow;
    }

    @Override Optional<MachineLogs.Piece> poll() throws IOException {
        if (scan.isEmpty()) {
            if (!Files.exists(log)) return Optional.empty();
            scan = Optional.of(follow ? new LogScan(log, LogHead.of(log).offset()) : LogScan.ofPresent(log));
        }
        // What was trimmed away while we read reads as zeros, which are skipped like all that is no record.
        for (var record = scan.get().next(); record.isPresent(); record = scan.get().next()) {
            var piece = pieceOf(record.get());
            if (piece.isPresent()) return piece;
        }
        return Optional.empty();
    }

    private static Optional<MachineLogs.Piece> pieceOf(LogScan.Record record) {
        var stream = record.channel() == AgentStream.ERR ? MachineLogs.Stream.STDERR : MachineLogs.Stream.STDOUT;
        return switch (record.type()) {
            case LogScan.OUTPUT -> Optional.of(pieceOf(record, stream, record.payload()));
            case LogScan.DROPPED -> Optional.of(pieceOf(record, MachineLogs.Stream.STDERR, dropped(record.payload())));
            default -> Optional.empty();
        };
    }

    private static MachineLogs.Piece pieceOf(LogScan.Record record, MachineLogs.Stream stream, byte[] bytes) {
        return new MachineLogs.Piece(record.next() - record.payload().length, record.time(), stream, bytes);
    }

    private static byte[] dropped(byte[] payload) {
        var count = payload.length == Long.BYTES ? Long.toUnsignedString(ByteBuffer.wrap(payload).getLong()) : "some";
        return "[hostal: %s bytes of output were not kept while no daemon ran]\n".formatted(count)
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override public void close() {
        if (scan.isEmpty()) return;
        try {
            scan.get().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
