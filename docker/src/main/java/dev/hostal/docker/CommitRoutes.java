package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.core.Upkeep;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/commit`, `/containers/{id}/changes` and `/containers/{id}/export`: a container's root as a whole.
final class CommitRoutes {
    private static final Duration ROOT_MAX = Duration.ofHours(6);
    private static final int PIECE = 64 << 10;

    private final EngineAccess engines;
    private final Containers containers;

    CommitRoutes(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/containers/{id}/changes", this::changes),
                Route.get("/containers/{id}/export", this::export),
                Route.post("/commit", this::commit));
    }

    private void changes(Exchange exchange) throws IOException, InterruptedException {
        var changes = engines.get().upkeep().changes(containers.find(exchange).id(), Deadline.in(ROOT_MAX));
        exchange.json(200, changes.isEmpty() ? new Json.Null() : new Json.Array(changes.stream().map(change ->
                Json.of(new JsonObject().put("Path", change.path()).put("Kind", switch (change.sort()) {
                    case CHANGED -> 0;
                    case ADDED -> 1;
                    case DELETED -> 2;
                }))).toList()));
    }

    private void export(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        engines.get().upkeep().readRoot(instance.id(), tar -> {
            exchange.begin("application/x-tar");
            var piece = new byte[PIECE];
            for (int count = tar.read(piece); count >= 0; count = tar.read(piece)) {
                if (count > 0) exchange.write(false, ByteBuffer.wrap(piece, 0, count));
            }
        }, Deadline.in(ROOT_MAX));
        containers.tell(instance.id(), "export", Map.of());
        exchange.end();
    }

    private void commit(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange.text("container").orElseThrow(() -> new Refusal(400, "no container was named")));
        var name = exchange.text("repo").filter(repository -> !repository.isEmpty()).map(repository ->
                ImageNames.reference(repository + exchange.text("tag").filter(tag -> !tag.isEmpty())
                        .map(tag -> ":" + tag).orElse("")));
        var config = CommitConfig.of(containers.json(instance).inspected(Upkeep.Running.NOT).object("Config"),
                exchange.body(), exchange.texts("changes"));
        var wanted = new Upkeep.Commit(name, Optional.of(config.toText()), exchange.text("author").orElse(""),
                exchange.text("comment").orElse(""), List.of(), exchange.flag("pause", true));
        var image = engines.get().upkeep().commit(instance.id(), wanted, Deadline.in(ROOT_MAX));
        containers.tell(instance.id(), "commit", Map.of("comment", image.digest()));
        exchange.json(201, new JsonObject().put("Id", image.digest()));
    }
}
