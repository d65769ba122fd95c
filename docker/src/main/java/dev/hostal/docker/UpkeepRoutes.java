package dev.hostal.docker;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Change;
import dev.hostal.model.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

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
        if (!ContainerState.of(instance).isRunning()) {
            throw new Refusal(409, "container %s is not running".formatted(instance.id()));
        }
        containers.tell(instance.id(), "top", Map.of());
        var processes = engines.get().upkeep().processes(instance.id(), Deadline.in(LOOK_MAX));
        int pid = processes.titles().indexOf("PID");
        if (instance.spec().kind() == Kind.VM || pid < 0) {
            if (exchange.text("ps_args").isPresent()) {
                throw new Refusal(400, "ps_args are not possible with a virtual machine: its processes are the guest's");
            }
            table(exchange, processes.titles(), processes.rows());
            return;
        }
        var pids = processes.rows().stream().map(row -> row.get(pid)).collect(Collectors.toSet());
        var shown = HostProcesses.of(exchange.text("ps_args").orElse("-ef"), pids);
        table(exchange, shown.titles(), shown.rows());
    }

    private static void table(Exchange exchange, List<String> titles, List<List<String>> rows) throws IOException {
        exchange.json(200, new JsonObject().putTexts("Titles", titles)
                .put("Processes", new Json.Array(rows.stream().map(Json::ofTexts).toList())));
    }

    private void update(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var body = exchange.body();
        var config = new HostConfig(body, new JsonObject());
        if (body.integer("Memory", 0, Long.MAX_VALUE, 0) > 0 && body.integer("Memory") < 6 << 20) {
            throw new Refusal(400, "Minimum memory limit allowed is 6MB");
        }
        long memory = body.integer("Memory", 0, Long.MAX_VALUE, 0);
        var restart = body.findObject("RestartPolicy").flatMap(CreateBody::restart);
        engines.get().upkeep().update(instance.id(), new Change(Optional.empty(), memory == 0 ? Optional.empty()
                : Optional.of(new Bytes(memory)), config.limits(), restart));
        containers.asked().change(instance.id().value(), body);
        exchange.json(200, new JsonObject().put("Warnings", new Json.Null()));
    }
}
