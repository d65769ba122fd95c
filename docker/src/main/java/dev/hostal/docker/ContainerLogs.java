package dev.hostal.docker;

import dev.hostal.model.Instance;
import dev.hostal.spi.LogTail;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineLogs.Piece;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `GET /containers/{id}/logs`. Source: Docker Engine API, "Get container logs".
final class ContainerLogs {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z' ").withZone(ZoneOffset.UTC);

    private static final byte[] DETAILS = {' '};

    private final EngineAccess engines;
    private final Containers containers;

    ContainerLogs(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    /// What of the log is wanted.
    private record Wish(boolean stdout, boolean stderr, boolean timestamps, boolean details, Optional<Instant> since,
            Optional<Instant> until) {
        boolean takes(Piece piece) {
            boolean stream = piece.stream() == MachineLogs.Stream.STDERR ? stderr : stdout;
            return stream && since.map(time -> !piece.time().isBefore(time)).orElse(true)
                    && until.map(time -> !piece.time().isAfter(time)).orElse(true);
        }
    }

    void answer(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var now = Instant.now();
        var wish = new Wish(exchange.flag("stdout"), exchange.flag("stderr"), exchange.flag("timestamps"),
                exchange.flag("details"), time(exchange, "since", now), time(exchange, "until", now));
        if (!wish.stdout() && !wish.stderr()) throw new Refusal(400,
                "Bad parameters: you must choose at least one stream");
        if (isUnread(instance)) throw new Refusal(501, "configured logging driver does not support reading");
        boolean follow = exchange.flag("follow");
        var tail = exchange.text("tail").filter(text -> text.matches("\\d{1,9}")).map(Long::parseLong);
        var logs = engines.get().logs(instance.id());
        boolean tty = instance.spec().process().tty();
        var last = tail.isPresent() ? Optional.of(LogTail.of(logs.output(false), Math.min(tail.get(), LogTail.LINES_MAX),
                wish::takes)) : Optional.<LogTail>empty();
        try (var reader = logs.output(follow && wish.until().isEmpty())) {
            exchange.begin(Frames.type(tty));
            pass(reader, wish, follow, last, new Frames(new Reply(exchange), tty));
            exchange.end();
        }
    }

    /// Whether its maker wanted no log: what is kept for those who are attached is nobody else's.
    private boolean isUnread(Instance instance) throws IOException {
        var host = containers.asked().of(instance.id().value()).findObject("HostConfig");
        return host.map(HostConfig::logDriver).filter(HostConfig.NO_LOG::equals).isPresent();
    }

    private static Optional<Instant> time(Exchange exchange, String name, Instant now) {
        return exchange.text(name).filter(text -> !text.equals("0")).map(text -> Times.parse(text, now));
    }

    /// All that was written so far; a client that has gone is not told.
    void replay(Instance instance, Frames frames) {
        var wish = new Wish(true, true, false, false, Optional.empty(), Optional.empty());
        try (var reader = engines.get().logs(instance.id()).output(false)) {
            pass(reader, wish, false, Optional.empty(), frames);
        } catch (IOException _) {
            // The session that follows finds out by itself.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pass(MachineLogs.Reader reader, Wish wish, boolean follow, Optional<LogTail> last, Frames frames)
            throws IOException, InterruptedException {
        // Whether the next byte of a stream begins a line.
        Map<MachineLogs.Stream, Boolean> fresh = new EnumMap<>(MachineLogs.Stream.class);
        for (var piece : last.map(LogTail::pieces).orElse(List.of())) {
            if (wish.takes(piece)) send(piece, wish, fresh, frames);
        }
        if (!follow && last.isPresent()) return;
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var piece = last.isPresent() ? last.get().after(next.get()) : next;
            if (piece.isPresent() && wish.takes(piece.get())) send(piece.get(), wish, fresh, frames);
        }
    }

    private static void send(MachineLogs.Piece piece, Wish wish, Map<MachineLogs.Stream, Boolean> fresh, Frames frames)
            throws IOException {
        var bytes = piece.bytes();
        int from = 0;
        while (from < bytes.length) {
            // A frame a line, as from dockerd's json-file: clients take each for one.
            int end = endOfLine(bytes, from);
            var text = Arrays.copyOfRange(bytes, from, end);
            if (fresh.getOrDefault(piece.stream(), true)) {
                // Attributes of a line, of which there are none, and a blank. Source: moby, as it writes the stream.
                if (wish.details()) text = after(DETAILS, text);
                if (wish.timestamps()) text = after(TIME.format(piece.time()).getBytes(StandardCharsets.US_ASCII), text);
            }
            fresh.put(piece.stream(), bytes[end - 1] == '\n');
            frames.send(piece.stream() == MachineLogs.Stream.STDERR ? Frames.STDERR : Frames.STDOUT, text, text.length);
            from = end;
        }
    }

    private static int endOfLine(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') return i + 1;
        }
        return bytes.length;
    }

    private static byte[] after(byte[] head, byte[] line) {
        return ByteBuffer.allocate(head.length + line.length).put(head).put(line).array();
    }

    /// The body of a reply as a stream.
    private static final class Reply extends OutputStream {
        private final Exchange exchange;

        Reply(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            exchange.write(false, ByteBuffer.wrap(bytes, offset, length));
        }
    }
}
