package dev.hostal.agent;

import dev.hostal.model.ExitStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;

/// Reads the records that an agent wrote to its log port. Source: `docs/reference/agent-protocol.md`.
///
/// The bytes come from a guest: what is no record is skipped, up to the next one.
final class LogScan implements AutoCloseable {
    static final int START = 1;
    static final int OUTPUT = 2;
    static final int EXIT = 3;
    static final int DROPPED = 4;

    private static final int HEADER = 24;
    private static final int SUMMED = 20;
    private static final int PAYLOAD_MAX = Frame.MAX - HEADER;
    private static final int MAGIC = 0x484c5231;    // "HLR1"
    /// Micros of the year 9999: what a clock cannot show is no time.
    private static final long MICROS_MAX = 253_402_300_799_000_000L;

    /// @param next the offset behind it
    record Record(int type, int channel, Instant time, byte[] payload, long next) {}

    /// One boot of the guest, as far as the log tells.
    record Run(String bootId, Optional<ExitStatus> exit) {}

    private final Path log;
    private final FileChannel file;
    private final long end;
    private final ByteBuffer buffer = ByteBuffer.allocate(4 * Frame.MAX).limit(0);
    private long offset;        // of the buffer's position

    LogScan(Path log, long from) throws IOException {
        this(log, from, Long.MAX_VALUE);
    }

    /// @param end what is written behind it is not read
    private LogScan(Path log, long from, long end) throws IOException {
        this.log = log;
        this.file = FileChannel.open(log, StandardOpenOption.READ);
        this.offset = from;
        this.end = end;
    }

    /// Of what is there now: who writes faster than we read would keep us for ever.
    static LogScan ofPresent(Path log) throws IOException {
        // The head first: it only moves on.
        long head = LogHead.of(log).offset();
        return new LogScan(log, head, Files.size(log));
    }

    /// How the newest boot ended; empty where there is no log or no boot in it.
    static Optional<Run> lastRun(Path log) throws IOException {
        if (!Files.exists(log)) return Optional.empty();
        Optional<Run> run = Optional.empty();
        try (var scan = ofPresent(log)) {
            for (var record = scan.next(); record.isPresent(); record = scan.next()) {
                var payload = record.get().payload();
                if (record.get().type() == START) {
                    run = Optional.of(new Run(HexFormat.of().formatHex(payload), Optional.empty()));
                } else if (record.get().type() == EXIT && payload.length == 1) {
                    var status = new ExitStatus(Byte.toUnsignedInt(payload[0]));
                    var bootId = run.map(Run::bootId).orElse("");      // Its start was trimmed away.
                    run = Optional.of(new Run(bootId, Optional.of(status)));
                }
            }
        }
        return run;
    }

    /// The record with which a boot begins.
    static byte[] startOf(String bootId) {
        var payload = HexFormat.of().parseHex(bootId);
        var now = Instant.now();
        var record = ByteBuffer.allocate(HEADER + payload.length).putInt(MAGIC).putInt(START << 24)
                .putInt(payload.length).putLong(ChronoUnit.MICROS.between(Instant.EPOCH, now));
        return record.putInt(sumOf(record, 0)).put(payload).array();
    }

    private static int sumOf(ByteBuffer bytes, int at) {
        int sum = 0;
        for (int i = 0; i < SUMMED; i++) {
            sum = sum * 31 + Byte.toUnsignedInt(bytes.get(at + i));
        }
        return sum;
    }

    /// The next whole record; empty where there is none, or none yet.
    Optional<Record> next() throws IOException {
        while (has(HEADER)) {
            int length = headerAt(buffer.position());
            if (length < 0) {
                skipToCandidate();
            } else if (has(HEADER + length)) {
                return Optional.of(take(length));
            } else {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /// Where the next record starts, or will.
    long offset() {
        return offset;
    }

    private boolean has(int count) throws IOException {
        if (buffer.remaining() >= count) return true;
        buffer.compact();
        int read;
        do {
            buffer.limit(Math.clamp(end - offset, buffer.position(), buffer.capacity()));
            read = file.read(buffer, offset + buffer.position());
        } while (read > 0 && buffer.position() < count);
        buffer.flip();
        return buffer.remaining() >= count;
    }

    /// The length of the payload of the record that starts there; -1 where none does.
    private int headerAt(int at) {
        int length = buffer.getInt(at + 8);
        if (buffer.getInt(at) != MAGIC || length < 0 || length > PAYLOAD_MAX) return -1;
        return sumOf(buffer, at) == buffer.getInt(at + SUMMED) ? length : -1;
    }

    private void skipToCandidate() throws IOException {
        if (buffer.getInt(buffer.position()) == 0 && wasTrimmed()) return;
        int at = buffer.position() + 1;
        while (at + Integer.BYTES <= buffer.limit() && buffer.getInt(at) != MAGIC) {
            at++;
        }
        offset += at - buffer.position();
        buffer.position(at);
    }

    /// What is trimmed away while we read reads as zeros, many of them: goes on where the log begins now.
    private boolean wasTrimmed() throws IOException {
        long head = LogHead.of(log).offset();
        if (head <= offset) return false;
        offset = head;
        buffer.position(0).limit(0);
        return true;
    }

    private Record take(int length) {
        int at = buffer.position();
        long micros = Math.clamp(buffer.getLong(at + 12), 0, MICROS_MAX);
        var payload = new byte[length];
        buffer.get(at + HEADER, payload);
        var record = new Record(Byte.toUnsignedInt(buffer.get(at + 4)), Byte.toUnsignedInt(buffer.get(at + 5)),
                Instant.EPOCH.plus(micros, ChronoUnit.MICROS), payload, offset + HEADER + length);
        buffer.position(at + HEADER + length);
        offset = record.next();
        return record;
    }

    @Override public void close() throws IOException {
        file.close();
    }
}
