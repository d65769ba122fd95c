package dev.hostal.daemon.http;

import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineLogs.Piece;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// `/v1/instances/{ref}/logs`.
final class LogRoutes {
    /// Most lines that `tail` counts. Chosen.
    private static final int TAIL_MAX = 100_000;

    private final EngineSource engines;
    private final InstanceRoutes instances;
    private final Sockets sockets;

    LogRoutes(EngineSource engines, InstanceRoutes instances, Sockets sockets) {
        this.engines = engines;
        this.instances = instances;
        this.sockets = sockets;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("instanceLogs", this::logs);
    }

    private void logs(Call call) throws IOException, InterruptedException {
        boolean console = call.query().flag("console");
        boolean follow = call.query().flag("follow");
        var tail = call.query().number("tail", 0, TAIL_MAX);
        var since = call.query().text("since").map(text -> time("since", text));
        var until = call.query().text("until").map(text -> time("until", text));
        var id = instances.find(call).id();
        var logs = engines.get().logs(id);
        var from = tail.isPresent() ? beginOfTail(open(logs, console, false), tail.getAsLong()) : Position.BEGIN;
        try (var _ = sockets.attendance().enter(); var reader = open(logs, console, follow)) {
            pass(call, reader, from, since, until);
        }
    }

    private static MachineLogs.Reader open(MachineLogs logs, boolean console, boolean follow) throws IOException {
        return console ? logs.console(follow) : logs.output(follow);
    }

    private void pass(Call call, MachineLogs.Reader reader, Position from, Optional<Instant> since,
            Optional<Instant> until)
            throws IOException, InterruptedException {
        try (var stream = new LogStream(call, sockets.heartbeat(), reader::close)) {
            try {
                long index = 0;
                for (var next = reader.next(); next.isPresent(); next = reader.next(), index++) {
                    // Pieces come in the order of their times: nothing that is wanted comes after it.
                    if (until.isPresent() && next.get().time().isAfter(until.get())) break;
                    var piece = from.cut(next.get(), index);
                    if (piece.isPresent() && since.map(time -> !piece.get().time().isBefore(time)).orElse(true)) {
                        stream.send(piece.get());
                    }
                }
            } catch (ClientGone e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                // The status was sent long ago: the last line says what happened.
                var problem = Failures.problemOf(e, "reading the log of " + call.value("ref"));
                stream.send(new JsonObject().put("error", Failures.body(problem).toJson()));
            }
            stream.end();
        }
    }

    /// Where in the pieces of a log the wanted ones begin.
    private record Position(long piece, int offset) {
        static final Position BEGIN = new Position(0, 0);

        Optional<Piece> cut(Piece next, long index) {
            if (index > piece || index == piece && offset == 0) return Optional.of(next);
            if (index < piece || offset >= next.bytes().length) return Optional.empty();
            return Optional.of(new Piece(next.time(), next.stream(),
                    Arrays.copyOfRange(next.bytes(), offset, next.bytes().length)));
        }
    }

    /// Reads the log once to find where its last lines begin. A line without an end counts as one.
    private static Position beginOfTail(MachineLogs.Reader reader, long lines) throws IOException, InterruptedException {
        // Where each of the last lines begins, in a ring; the newest is where the next one would.
        var begins = new Position[(int) lines + 1];
        int count = 0;
        boolean atBegin = true;
        long index = 0;
        try (reader) {
            for (var next = reader.next(); next.isPresent(); next = reader.next(), index++) {
                var bytes = next.get().bytes();
                for (int i = 0; i < bytes.length; i++) {
                    if (atBegin) begins[count++ % begins.length] = new Position(index, i);
                    atBegin = bytes[i] == '\n';
                }
            }
        }
        if (lines == 0) return new Position(index, 0);
        return count <= lines ? Position.BEGIN : begins[(int) ((count - lines) % begins.length)];
    }

    private static Instant time(String member, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw Problem.badMember(member, "'%s' is not a time such as 2026-11-23T20:00:00Z.".formatted(text));
        }
    }
}
