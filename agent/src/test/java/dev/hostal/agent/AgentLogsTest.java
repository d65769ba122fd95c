package dev.hostal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.MachineLogs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The logs as files that somebody else appends to.
@Timeout(60)
class AgentLogsTest {
    @TempDir Path folder;
    private final AtomicBoolean running = new AtomicBoolean();
    private Path output;
    private Path console;
    private AgentLogs logs;

    @BeforeEach void create() {
        output = folder.resolve("output.log");
        console = folder.resolve("console.log");
        logs = new AgentLogs(output, console, running::get);
    }

    private static byte[] record(int type, int channel, byte[] payload) {
        var record = ByteBuffer.allocate(24 + payload.length).putInt(0x484c5231).put((byte) type).put((byte) channel)
                .putShort((short) 0).putInt(payload.length)
                .putLong(Instant.parse("2026-01-02T03:04:05Z").getEpochSecond() * 1_000_000);
        int sum = 0;
        for (int i = 0; i < 20; i++) sum = sum * 31 + (record.get(i) & 0xff);
        return record.putInt(sum).put(payload).array();
    }

    private static byte[] said(String text) {
        return record(LogScan.OUTPUT, 1, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] start(int boot) {
        var id = new byte[16];
        id[0] = (byte) boot;
        return record(LogScan.START, 0, id);
    }

    private static void append(Path log, byte[]... parts) throws IOException {
        for (var part : parts) {
            Files.write(log, part, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    private List<String> all(MachineLogs.Reader reader) throws Exception {
        var pieces = new ArrayList<String>();
        try (reader) {
            for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) {
                pieces.add(new String(piece.get().bytes(), StandardCharsets.UTF_8));
            }
        }
        return pieces;
    }

    @Test void readsRecordsWithTimeAndStream() throws Exception {
        append(output, start(1), said("a"), record(LogScan.OUTPUT, 2, new byte[] {'b'}), record(LogScan.EXIT, 0, new byte[] {3}));
        try (var reader = logs.output(false)) {
            var first = reader.next().orElseThrow();
            assertThat(first.time()).isEqualTo("2026-01-02T03:04:05Z");
            assertThat(first.stream()).isEqualTo(MachineLogs.Stream.STDOUT);
            assertThat(reader.next().orElseThrow().stream()).isEqualTo(MachineLogs.Stream.STDERR);
            assertThat(reader.next()).isEmpty();
        }
        assertThat(logs.lastExit()).contains(new ExitStatus(3));
    }

    @Test void tellsHowTheNewestRunEnded() throws Exception {
        assertThat(logs.lastExit()).isEmpty();
        append(output, start(1), record(LogScan.EXIT, 0, new byte[] {3}), start(2), said("x"));
        assertThat(logs.lastExit()).isEmpty();
        append(output, record(LogScan.EXIT, 0, new byte[] {(byte) 200}));
        assertThat(logs.lastExit()).contains(new ExitStatus(200));
    }

    @Test void saysWhatWasDropped() throws Exception {
        append(output, record(LogScan.DROPPED, 0, ByteBuffer.allocate(8).putLong(1234).array()));
        assertThat(all(logs.output(false))).singleElement().asString().contains("1234 bytes");
    }

    @Test void followsUntilTheMachineEnds() throws Exception {
        running.set(true);
        var writer = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < 50; i++) {
                    Thread.sleep(5);
                    var record = said(i + " ");
                    append(output, Arrays.copyOf(record, 10));
                    append(output, Arrays.copyOfRange(record, 10, record.length));
                }
                running.set(false);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(all(logs.output(true))).hasSize(50).endsWith("49 ");
        writer.join();
    }

    @Test void hearsWithinMilliseconds() throws Exception {
        running.set(true);
        append(output, start(1));
        try (var reader = logs.output(true)) {
            var delays = new ArrayList<Long>();
            for (int i = 0; i < 20; i++) {
                var written = new long[1];
                var writer = Thread.ofPlatform().start(() -> {
                    try {
                        Thread.sleep(20);
                        written[0] = System.nanoTime();
                        append(output, said("x"));
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                reader.next();
                long heard = System.nanoTime();
                writer.join();
                delays.add((heard - written[0]) / 1000);
            }
            delays.sort(null);
            // The median, for the machine may be busy; it looks every 5 ms.
            assertThat(delays.get(10)).as("microseconds %s", delays).isLessThan(Duration.ofMillis(100).toNanos() / 1000);
        }
    }

    @Test void repairsATornRecord() throws Exception {
        append(output, start(1), said("whole"), Arrays.copyOf(said("torn".repeat(1000)), 300));
        assertThat(all(logs.output(false))).containsExactly("whole");
        logs.repair();
        logs.repair();
        append(output, start(2), said("next"));
        assertThat(all(logs.output(false))).containsExactly("whole", "next");
    }

    @Test void skipsWhatIsNoRecord() throws Exception {
        append(output, "garbage HLR1 and HLR1HLR1more garbage, long enough to hold a header".getBytes(StandardCharsets.US_ASCII), said("found"), new byte[5000], said("again"));
        assertThat(all(logs.output(false))).containsExactly("found", "again");
    }

    @Test void readsWhatIsThereAndNotWhatIsWrittenMeanwhile() throws Exception {
        append(output, record(LogScan.OUTPUT, 1, "one".getBytes()));
        try (var reader = logs.output(false)) {
            assertThat(reader.next().orElseThrow().bytes()).asString().isEqualTo("one");
            append(output, record(LogScan.OUTPUT, 1, "two".getBytes()));
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test void aReaderThatWasOvertakenGoesOnWhereTheLogBegins() throws Exception {
        var line = new byte[1000];
        append(output, record(LogScan.OUTPUT, 1, line));
        try (var reader = logs.output(true)) {
            assertThat(reader.next()).isPresent();
            for (int i = 0; i < 5000; i++) {
                append(output, record(LogScan.OUTPUT, 1, line));
            }
            assertThat(logs.trim(Bytes.mib(1))).isTrue();
            assertThat(logs.trim(Bytes.mib(1))).isFalse();
            assertThat(reader.next().orElseThrow().bytes()).hasSize(1000);
        }
    }

    @Test void trimsWithoutLosingTheNewest() throws Exception {
        var line = new byte[1000];
        for (int i = 0; i < 5000; i++) {
            line[0] = (byte) i;
            append(output, record(LogScan.OUTPUT, 1, line));
        }
        append(console, new byte[5_000_000]);
        append(console, "end".getBytes(StandardCharsets.US_ASCII));
        logs.trim(Bytes.mib(1));
        assertThat(blocks(output)).isBetween(1L << 20, 3L << 19);
        assertThat(blocks(console)).isBetween(1L << 20, 3L << 19);
        assertThat(Files.size(output)).isEqualTo(5000 * 1024L);
        try (var reader = logs.output(false)) {
            int count = 0;
            var last = reader.next();
            for (var piece = last; piece.isPresent(); piece = reader.next(), count++) {
                assertThat(piece.get().bytes()).hasSize(1000);
                last = piece;
            }
            assertThat(count).isBetween(1000, 1100);
            assertThat(last.orElseThrow().bytes()[0]).isEqualTo((byte) 4999);
        }
        var kept = new ByteArrayOutputStream();
        try (var reader = logs.console(false)) {
            for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) kept.writeBytes(piece.get().bytes());
        }
        assertThat(kept.size()).isEqualTo(1 << 20);
        assertThat(kept.toString(StandardCharsets.US_ASCII)).endsWith("end");
        logs.trim(Bytes.mib(1));
        logs.repair();
        assertThat(Files.size(output)).isEqualTo(5000 * 1024L);
    }

    private static long blocks(Path file) throws Exception {
        return Long.parseLong(new String(new ProcessBuilder("stat", "-c", "%b", file.toString()).start()
                .getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip()) * 512;
    }

    @Test void anyBytesAreALog() throws Exception {
        for (long seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var bytes = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                var part = random.nextBoolean() ? said("x".repeat(random.nextInt(3000))) : new byte[random.nextInt(200)];
                if (random.nextInt(3) == 0 && part.length > 0) {
                    part[random.nextInt(part.length)] ^= (byte) (1 << random.nextInt(8));
                }
                bytes.write(part, 0, random.nextInt(4) == 0 ? random.nextInt(part.length + 1) : part.length);
            }
            Files.write(output, bytes.toByteArray());
            assertThat(all(logs.output(false))).as("seed %d", seed).hasSizeLessThanOrEqualTo(20);
            logs.lastExit();
            logs.repair();
        }
    }

    @Test void readsTheConsole() throws Exception {
        running.set(true);
        append(console, "boot".getBytes(StandardCharsets.US_ASCII));
        try (var reader = logs.console(true)) {
            var piece = reader.next().orElseThrow();
            assertThat(piece.stream()).isEqualTo(MachineLogs.Stream.CONSOLE);
            assertThat(piece.bytes()).asString().isEqualTo("boot");
            running.set(false);
            assertThat(reader.next()).isEmpty();
        }
        assertThat(all(new AgentLogs(folder.resolve("no"), folder.resolve("no"), () -> false).console(true))).isEmpty();
    }
}
