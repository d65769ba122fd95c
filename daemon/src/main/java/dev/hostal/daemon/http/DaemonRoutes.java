package dev.hostal.daemon.http;

import dev.hostal.api.DaemonV1;
import dev.hostal.api.OpenApi;
import dev.hostal.base.Deadline;
import dev.hostal.core.Events.Event;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The daemon itself: what it is, what it can, what happens, how it does.
final class DaemonRoutes {
    private final EngineSource engines;
    private final DaemonV1 daemon;
    private final Runnable stop;
    private final Sockets sockets;
    private final Metrics metrics;

    /// @param stop begins the daemon's end and returns at once
    DaemonRoutes(EngineSource engines, DaemonV1 daemon, Runnable stop, Sockets sockets, Metrics metrics) {
        this.engines = engines;
        this.daemon = daemon;
        this.stop = stop;
        this.sockets = sockets;
        this.metrics = metrics;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of(
                "daemon", call -> call.json(daemon.toJson()),
                "daemonStop", this::stop,
                "doctor", this::doctor,
                "openapi", call -> call.json(OpenApi.document()),
                "metrics", this::metrics,
                "events", this::events);
    }

    private void stop(Call call) throws IOException {
        call.noBody();
        call.nothing();
        stop.run();
    }

    private void doctor(Call call) throws IOException, InterruptedException {
        call.json(new JsonObject().putObjects("probes", engines.probes().stream()
                .map(probe -> ToWire.probe(probe).toJson()).toList()));
    }

    private void metrics(Call call) throws IOException, InterruptedException {
        var text = metrics.text(engines.get(), sockets.attendance().count());
        call.reply(200, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private void events(Call call) throws IOException, InterruptedException {
        var after = call.query().number("after", 0, Long.MAX_VALUE);
        var type = call.query().text("type");
        var subject = call.query().text("subject");
        try (var _ = sockets.attendance().enter();
                var subscription = engines.get().events().subscribe(after.orElse(Long.MAX_VALUE))) {
            var stream = new EventStream(call);
            while (true) {
                var next = subscription.next(Deadline.in(sockets.heartbeat()));
                if (next.isEmpty()) {
                    stream.heartbeat();
                } else if (fits(next.get(), type.orElse(""), subject.orElse(""))) {
                    stream.send(String.valueOf(next.get().sequence()), ToWire.event(next.get()).toJson());
                }
            }
        }
    }

    /// @param type the event's type, or the part of it before a dot; empty for any
    private static boolean fits(Event event, String type, String subject) {
        return (type.isEmpty() || event.type().equals(type) || event.type().startsWith(type + "."))
                && (subject.isEmpty() || event.subject().equals(subject));
    }
}
