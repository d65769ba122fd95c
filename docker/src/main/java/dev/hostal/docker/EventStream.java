package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.core.Events.Event;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// `GET /events`. Source: Docker Engine API, "Monitor events".
final class EventStream {
    private static final Set<String> FILTERS = Set.of("config", "container", "daemon", "event", "image", "label", "network",
            "node", "plugin", "scope", "secret", "service", "type", "volume");
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final EngineAccess engines;
    private final Containers containers;
    /// What is known of instances, for the events that come after their end.
    private final Map<String, Map<String, String>> known = new ConcurrentHashMap<>();

    EventStream(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
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
                var wait = until.map(end -> Duration.between(Instant.now(), end)).filter(left -> left.compareTo(LOOK) < 0).orElse(LOOK);
                var next = events.next(Deadline.in(wait.isNegative() ? Duration.ZERO : wait));
                if (next.isEmpty()) {
                    if (until.isPresent() && !Instant.now().isBefore(until.get())) break;
                    exchange.write(false, ByteBuffer.wrap(new byte[] {'\n'}));
                    continue;
                }
                var event = next.get();
                if (since.isPresent() && event.time().isBefore(since.get())) continue;
                if (until.isPresent() && event.time().isAfter(until.get())) break;
                for (var told : tell(event)) {
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
                && filters.any("container", ref -> told.type().equals("container") && (told.id().startsWith(ref) || name.equals(ref)))
                && filters.any("image", ref -> ref.equals(told.type().equals("image") ? told.id() : told.attributes().getOrDefault("image", ""))
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

    private List<Told> tell(Event event) throws InterruptedException {
        var type = event.type();
        if (type.startsWith("instance.")) return tellInstance(event);
        if (type.startsWith("network.") || type.startsWith("volume.")) return tellOther(event);
        if (!type.startsWith("image.")) return List.of();
        var action = switch (type) {
            case "image.pulled" -> "pull";
            case "image.pushed" -> "push";
            case "image.tagged" -> "tag";
            case "image.loaded" -> "load";
            case "image.imported" -> "import";
            case "image.deleted" -> "untag";
            default -> "";
        };
        if (action.isEmpty()) return List.of();
        var name = ImageReference.parse(event.subject()).familiar();
        return List.of(new Told("image", action, name, new TreeMap<>(Map.of("name", name))));
    }

    private static List<Told> tellOther(Event event) {
        var attributes = new TreeMap<String, String>();
        return switch (event.type()) {
            case "network.created", "network.deleted" -> {
                var name = Networks.outer(event.subject());
                attributes.put("name", name);
                attributes.put("type", "bridge");
                yield List.of(new Told("network", event.type().contains("creat") ? "create" : "destroy",
                        Networks.id(name), attributes));
            }
            case "volume.created", "volume.deleted" -> {
                attributes.put("driver", "local");
                yield List.of(new Told("volume", event.type().contains("creat") ? "create" : "destroy",
                        event.attributes().getOrDefault("name", event.subject()), attributes));
            }
            default -> List.of();
        };
    }

    private List<Told> tellInstance(Event event) throws InterruptedException {
        var id = event.subject();
        var attributes = attributes(id, event);
        var told = new ArrayList<Told>();
        var from = event.attributes().getOrDefault("from", "");
        var to = event.attributes().getOrDefault("to", "");
        switch (event.type()) {
            case "instance.created" -> told.add(new Told("container", "create", id, attributes));
            case "instance.renamed" -> {
                attributes.put("oldName", "/" + event.attributes().getOrDefault("before", ""));
                attributes.put("name", event.attributes().getOrDefault("name", ""));
                told.add(new Told("container", "rename", id, attributes));
            }
            case "instance.deleted" -> {
                told.add(new Told("container", "destroy", id, attributes));
                known.remove(id);
            }
            case "instance.health" -> told.add(new Told("container", "health_status: " + event.attributes().getOrDefault("health",
                    event.attributes().getOrDefault("to", "")), id, attributes));
            case "instance.updated" -> told.add(new Told("container", "update", id, attributes));
            case "instance.phase" -> {
                if (to.equals("running") && from.equals("starting")) told.add(new Told("container", "start", id, attributes));
                if (to.equals("running") && from.equals("paused")) told.add(new Told("container", "unpause", id, attributes));
                if (to.equals("paused")) told.add(new Told("container", "pause", id, attributes));
                boolean wasAlive = List.of("running", "paused", "stopping").contains(from);
                if (wasAlive && (to.equals("stopped") || to.equals("failed"))) {
                    var end = new TreeMap<>(attributes);
                    end.put("exitCode", event.attributes().getOrDefault("exitStatus", "137"));
                    told.add(new Told("container", "die", id, end));
                    if (from.equals("stopping")) told.add(new Told("container", "stop", id, attributes));
                }
            }
            default -> { /* Docker has no word for it. */ }
        }
        return told;
    }

    private TreeMap<String, String> attributes(String id, Event event) throws InterruptedException {
        Optional<Instance> instance;
        try {
            instance = Optional.of(containers.find(id));
        } catch (Refusal _) {
            instance = Optional.empty();
        }
        instance.ifPresent(one -> {
            var labels = new HashMap<>(one.spec().labels());
            labels.put("image", one.spec().image().familiar());
            labels.put("name", one.name().value());
            known.put(id, labels);
        });
        var attributes = new TreeMap<>(known.getOrDefault(id, Map.of("image", "")));
        attributes.putIfAbsent("name", event.attributes().getOrDefault("name", ""));
        return attributes;
    }
}
