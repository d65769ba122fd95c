package dev.hostal.daemon.http;

import dev.hostal.core.Engine;
import dev.hostal.model.Instance;
import dev.hostal.model.Phase;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/// Counters in the text format of Prometheus. Source: "Exposition formats", version 0.0.4.
///
/// The names are a promise; they are listed in [#NAMES], and a test compares the two.
final class Metrics {
    /// One family of samples.
    record Family(String name, String type, String help) {}

    static final List<Family> NAMES = List.of(
            new Family("hostal_instances", "gauge", "Instances by phase."),
            new Family("hostal_operations", "gauge", "Operations under way and remembered, by status."),
            new Family("hostal_streams", "gauge", "Streams and WebSockets that are open."),
            new Family("hostal_http_requests_total", "counter", "Requests by route and status."),
            new Family("hostal_http_request_seconds_sum", "counter", "Time spent answering requests, by route."),
            new Family("hostal_memory_heap_bytes", "gauge", "Heap of the daemon's JVM in use."),
            new Family("hostal_uptime_seconds", "gauge", "Time since the daemon started."));

    private record Key(String route, int status) implements Comparable<Key> {
        @Override public int compareTo(Key other) {
            int routes = route.compareTo(other.route);
            return routes != 0 ? routes : Integer.compare(status, other.status);
        }
    }

    // Bounded by the table of routes and the statuses that we send.
    private final Map<Key, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> nanos = new ConcurrentSkipListMap<>();
    private final long beganNanos = System.nanoTime();

    /// One request was answered.
    void count(String route, int status, long tookNanos) {
        requests.computeIfAbsent(new Key(route, status), _ -> new LongAdder()).increment();
        nanos.computeIfAbsent(route, _ -> new LongAdder()).add(tookNanos);
    }

    long requests() {
        return requests.values().stream().mapToLong(LongAdder::sum).sum();
    }

    String text(Engine engine, int streams) {
        var text = new StringBuilder();
        for (var family : NAMES) {
            text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(family.name(), family.help(), family.name(), family.type()));
            samples(family, engine, streams).forEach((labels, value) ->
                    text.append(family.name()).append(labels).append(' ').append(value).append('\n'));
        }
        return text.toString();
    }

    private Map<String, String> samples(Family family, Engine engine, int streams) {
        return switch (family.name()) {
            case "hostal_instances" -> counted("phase", engine.list().stream().map(Instance::phase).map(Phase::word).toList());
            case "hostal_operations" -> counted("status", engine.operations().list().stream()
                    .map(operation -> operation.status().name().toLowerCase(Locale.ROOT)).toList());
            case "hostal_streams" -> Map.of("", String.valueOf(streams));
            case "hostal_http_requests_total" -> requestsTotal();
            case "hostal_http_request_seconds_sum" -> secondsSum();
            case "hostal_memory_heap_bytes" -> Map.of("", String.valueOf(heapUsed()));
            case "hostal_uptime_seconds" -> Map.of("", String.valueOf((System.nanoTime() - beganNanos) / 1_000_000_000));
            default -> throw new IllegalStateException("no samples for " + family.name());
        };
    }

    private static long heapUsed() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static Map<String, String> counted(String label, List<String> words) {
        var counts = new TreeMap<String, String>();
        words.stream().distinct().forEach(word -> counts.put("{%s=\"%s\"}".formatted(label, word),
                String.valueOf(words.stream().filter(word::equals).count())));
        return counts;
    }

    private Map<String, String> requestsTotal() {
        var samples = new TreeMap<String, String>();
        requests.forEach((key, count) -> samples.put("{route=\"%s\",status=\"%d\"}".formatted(key.route(), key.status()),
                String.valueOf(count.sum())));
        return samples;
    }

    private Map<String, String> secondsSum() {
        var samples = new TreeMap<String, String>();
        nanos.forEach((route, sum) -> samples.put("{route=\"%s\"}".formatted(route), String.valueOf(sum.sum() / 1e9)));
        return samples;
    }
}
