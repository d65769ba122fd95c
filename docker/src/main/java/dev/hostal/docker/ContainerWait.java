package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.core.Engine;
import dev.hostal.core.Events.Event;
import dev.hostal.core.Events.Subscription;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// `POST /containers/{id}/wait`. Source: Docker Engine API, "Wait for a container".
final class ContainerWait {
    private static final Duration LOOK = Duration.ofSeconds(15);

    private final EngineAccess engines;
    private final Containers containers;

    ContainerWait(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    void answer(Exchange exchange) throws IOException, InterruptedException {
        var condition = exchange.text("condition").orElse("not-running");
        var engine = engines.get();
        // The events first, so that none is missed between a look and the wait.
        try (var events = engine.events().subscribe(Long.MAX_VALUE)) {
            var instance = containers.find(exchange);
            switch (condition) {
                case "not-running" -> {
                    var state = ContainerState.of(instance);
                    if (!state.isRunning() && !instance.phase().word().equals("starting")) {
                        exchange.json(200, body(state.exitCode()));
                        return;
                    }
                    wait(exchange, engine, events, instance, false);
                }
                case "next-exit" -> wait(exchange, engine, events, instance, false);
                case "removed" -> wait(exchange, engine, events, instance, true);
                default -> throw new Refusal(400, "invalid condition: \"%s\"".formatted(condition));
            }
        }
    }

    /// The head goes out at once: a client starts the container only when it has it.
    private static void wait(Exchange exchange, Engine engine, Subscription events,
            Instance instance, boolean removed) throws IOException, InterruptedException {
        exchange.begin("application/json");
        int status = ContainerState.of(instance).exitCode();
        while (true) {
            var next = events.next(Deadline.in(LOOK));
            if (next.isEmpty()) {
                // White space before JSON means nothing, and finds whether somebody still waits.
                exchange.write(false, ByteBuffer.wrap(new byte[] {'\n'}));
                continue;
            }
            var event = next.get();
            if (!event.subject().equals(instance.id().value())) continue;
            if (event.type().equals("instance.deleted")) break;
            if (!isEnd(event)) continue;
            status = Integer.parseInt(event.attributes().getOrDefault("exitStatus", "137"));
            if (!removed) break;
        }
        exchange.write(true, ByteBuffer.wrap((body(status).toText() + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /// The machine has ended, by itself or not; a restart of the instance is an end too.
    static boolean isEnd(Event event) {
        var to = event.attributes().get("to");
        return event.type().equals("instance.phase") && ("stopped".equals(to) || "failed".equals(to));
    }

    private static JsonObject body(int status) {
        return new JsonObject().put("StatusCode", status);
    }
}
