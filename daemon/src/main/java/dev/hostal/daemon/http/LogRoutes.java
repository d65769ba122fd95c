package dev.hostal.daemon.http;

import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.spi.LogTail;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineLogs.Piece;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/v1/instances/{ref}/logs`.
final class LogRoutes {
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
        var tail = call.query().number("tail", 0, LogTail.LINES_MAX);
        var since = call.query().text("since").map(text -> time("since", text));
        var until = call.query().text("until").map(text -> time("until", text));
        var id = instances.find(call).id();
        var logs = engines.get().logs(id);
        var last = tail.isPresent()
                ? Optional.of(LogTail.of(open(logs, console, false), tail.getAsLong(), _ -> true)) : Optional.<LogTail>empty();
        try (var _ = sockets.attendance().enter(); var reader = open(logs, console, follow)) {
            pass(call, reader, follow, new Wish(last, since, until));
        }
    }

    private static MachineLogs.Reader open(MachineLogs logs, boolean console, boolean follow) throws IOException {
        return console ? logs.console(follow) : logs.output(follow);
    }

    private void pass(Call call, MachineLogs.Reader reader, boolean follow, Wish wish) throws IOException, InterruptedException {
        try (var stream = new LogStream(call, sockets.heartbeat(), reader::close)) {
            try {
                for (var piece : wish.last().map(LogTail::pieces).orElse(List.of())) {
                    if (wish.takes(piece)) stream.send(piece);
                }
                if (follow || wish.last().isEmpty()) rest(reader, wish, stream);
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

    /// All of it, or what came after its last lines.
    private static void rest(MachineLogs.Reader reader, Wish wish, LogStream stream) throws IOException, InterruptedException {
        for (var next = reader.next(); next.isPresent() && !wish.isAfter(next.get()); next = reader.next()) {
            var piece = wish.last().isPresent() ? wish.last().get().after(next.get()) : next;
            if (piece.isPresent() && wish.takes(piece.get())) stream.send(piece.get());
        }
    }

    /// What somebody wants of a log.
    private record Wish(Optional<LogTail> last, Optional<Instant> since, Optional<Instant> until) {
        /// Pieces come in the order of their times: nothing that is wanted comes after one that is too late.
        boolean isAfter(Piece next) {
            return until.isPresent() && next.time().isAfter(until.get());
        }

        boolean takes(Piece next) {
            return !isAfter(next) && !(since.isPresent() && next.time().isBefore(since.get()));
        }
    }

    private static Instant time(String member, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw Problem.badMember(member, "'%s' is not a time such as 2026-11-23T20:00:00Z.".formatted(text));
        }
    }
}
