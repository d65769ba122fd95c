package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/// `GET /events`. Source: Docker Engine API, "Monitor events".
final class EventStream {
    private static final Set<String> FILTERS = Set.of("config", "container", "daemon", "event", "image", "label", "network",
            "node", "plugin", "scope", "secret", "service", "type", "volume");
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final EngineAccess engines;
    private final EventWords words;

    EventStream(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.words = new EventWords(engines, containers);
    }

    /// An event in Docker's words.
    record Told(String type, String action, String id, Map<String, String> attributes) {}

    void answer(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, FILTERS);
        var now = Instant.now();
        var since = exchange.text("since").map(text -> Times.parse(text, now));
        var until = exchange.text("until").map(text -> Times.parse(text, now));
        try (var events = engines.get().events().subscribe(since.isPresent() ? 0 : Long.MAX_VALUE)) {
            exchange.begin("application/json");
            while (until.isEmpty() || Instant.now().isBefore(until.get()) || since.isPresent()) {
                var wait = until.map(end -> Duration.between(Instant.now(), end))
                        .filter(left -> left.compareTo(LOOK) < 0).orElse(LOOK);
                var next = events.next(Deadline.in(wait.isNegative() ? Duration.ZERO : wait));
                if (next.isEmpty()) {
                    if (until.isPresent() && !Instant.now().isBefore(until.get())) break;
                    exchange.write(false, ByteBuffer.wrap(new byte[] {'\n'}));
                    continue;
                }
                var event = next.get();
                if (since.isPresent() && event.time().isBefore(since.get())) continue;
                if (until.isPresent() && event.time().isAfter(until.get())) break;
                for (var told : words.tell(event)) {
                    if (fits(told, filters)) exchange.line(json(told, event.time()));
                }
            }
            exchange.end();
        }
    }

    private static boolean fits(Told told, Filters filters) {
        var name = told.attributes().getOrDefault("name", "");
        return filters.any("type", told.type()::equals)
                && filters.any("event", word -> told.action().equals(word) || told.action().startsWith(word + ":"))
                && filters.any("container", ref -> told.type().equals("container")
                        && (told.id().startsWith(ref) || name.equals(ref))
                        || told.attributes().getOrDefault("container", "").startsWith(ref))
                && filters.any("image", ref -> ref.equals(told.type().equals("image") ? told.id() : told.attributes()
                        .getOrDefault("image", ""))
                        || (ref + ":latest").equals(told.id()))
                && filters.any("network", ref -> told.type().equals("network") && (told.id().startsWith(ref) || name.equals(ref)))
                && filters.any("volume", ref -> told.type().equals("volume") && told.id().equals(ref))
                && filters.any("scope", "local"::equals) && filters.labels("label", told.attributes())
                && !filters.has("daemon") && !filters.has("plugin") && !filters.has("service") && !filters.has("node")
                && !filters.has("secret") && !filters.has("config");
    }

    private static JsonObject json(Told told, Instant time) {
        var json = new JsonObject();
        if (told.type().equals("container") || told.type().equals("image")) {
            json.put("status", told.action()).put("id", told.id());
            if (told.attributes().containsKey("image")) json.put("from", told.attributes().get("image"));
        }
        return json.put("Type", told.type()).put("Action", told.action())
                .put("Actor", new JsonObject().put("ID", told.id()).putTexts("Attributes", told.attributes()))
                .put("scope", "local").put("time", time.getEpochSecond())
                .put("timeNano", time.getEpochSecond() * 1_000_000_000L + time.getNano());
    }
}
