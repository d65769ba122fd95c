package dev.hostal.docker;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Change;
import dev.hostal.model.InstanceSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `/containers/{id}/top` and `/update`. Source: Docker Engine API.
final class UpkeepRoutes {
    private static final Duration LOOK_MAX = Duration.ofSeconds(30);

    private final EngineAccess engines;
    private final Containers containers;

    UpkeepRoutes(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(Route.get("/containers/{id}/top", this::top), Route.post("/containers/{id}/update", this::update));
    }

    private void top(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        if (!ContainerState.of(instance).isRunning()) throw new Refusal(409, "container %s is not running".formatted(instance.id()));
        var processes = engines.get().upkeep().processes(instance.id(), Deadline.in(LOOK_MAX));
        exchange.json(200, new JsonObject().putTexts("Titles", processes.titles())
                .put("Processes", new Json.Array(processes.rows().stream().map(Json::ofTexts).toList())));
    }

    private void update(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var body = exchange.body();
        var config = new HostConfig(body, new JsonObject());
        long memory = body.integer("Memory", 0, Long.MAX_VALUE, 0);
        var restart = body.findObject("RestartPolicy").flatMap(CreateBody::restart);
        engines.get().upkeep().update(instance.id(), new Change(Optional.empty(), memory == 0 ? Optional.empty()
                : Optional.of(new Bytes(Math.max(memory, InstanceSpec.MEMORY_MIN.count()))), config.limits(), restart));
        exchange.json(200, new JsonObject().put("Warnings", new Json.Null()));
    }
}
