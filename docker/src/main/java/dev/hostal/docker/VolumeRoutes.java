package dev.hostal.docker;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Volumes;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Mount;
import dev.hostal.model.VolumeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// `/volumes`. Source: Docker Engine API, "Volume".
final class VolumeRoutes {
    private final EngineAccess engines;
    private final Containers containers;

    VolumeRoutes(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/volumes", this::list),
                Route.post("/volumes/create", this::create),
                Route.post("/volumes/prune", this::prune),
                Route.get("/volumes/{name}", exchange -> exchange.json(200, json(find(exchange.value("name"))))),
                Route.delete("/volumes/{name}", this::delete));
    }

    private Volumes.View find(String name) throws IOException, InterruptedException {
        try {
            return engines.get().volumes().get(name);
        } catch (Problem e) {
            throw e.code() == ErrorCode.VOLUME_NOT_FOUND ? new Refusal(404, "get %s: no such volume".formatted(name)) : e;
        }
    }

    JsonObject json(Volumes.View view) {
        var volume = view.volume();
        return new JsonObject().put("CreatedAt", volume.createdAt().toString()).put("Driver", "local")
                .put("Labels", ContainerJson.textsOrNull(volume.labels()))
                .put("Mountpoint", containers.place(volume)).put("Name", volume.name().value())
                .put("Options", new Json.Null()).put("Scope", "local");
    }

    private void list(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, Set.of("dangling", "driver", "label", "name"));
        var found = new ArrayList<JsonObject>();
        for (var view : engines.get().volumes().list()) {
            var name = view.volume().name().value();
            boolean dangling = view.users().isEmpty();
            if (filters.any("dangling", word -> (word.equals("true") || word.equals("1")) == dangling)
                    && filters.any("driver", "local"::equals) && filters.any("name", name::contains)
                    && filters.labels("label", view.volume().labels())) {
                found.add(json(view));
            }
        }
        exchange.json(200, new JsonObject().putObjects("Volumes", found).put("Warnings", new Json.Null()));
    }

    /// A volume that is there already is what was asked for.
    private void create(Exchange exchange) throws IOException, InterruptedException {
        var body = exchange.body();
        var driver = body.findText("Driver").orElse("local");
        if (!driver.isEmpty() && !driver.equals("local")) {
            throw new Refusal(404, "create %s: error looking up volume plugin %s: plugin \"%s\" not found"
                    .formatted(body.findText("Name").orElse(""), driver, driver));
        }
        if (body.findObject("DriverOpts").map(options -> !options.members().isEmpty()).orElse(false)) {
            throw new Refusal(400, "options of the volume driver are not possible with Hostal: %s".formatted(body.object("DriverOpts")));
        }
        var text = CreateBody.nonEmpty(body, "Name");
        Optional<VolumeName> name;
        try {
            name = text.map(VolumeName::new);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "create %s: \"%s\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
                    .formatted(text.orElse(""), text.orElse("")));
        }
        var volumes = engines.get().volumes();
        try {
            exchange.json(201, json(volumes.create(new Volumes.Wanted(name, Optional.empty(), body.textMap("Labels")))));
        } catch (Problem e) {
            if (e.code() != ErrorCode.NAME_IN_USE) throw e;
            exchange.json(201, json(volumes.get(name.orElseThrow().value())));
        }
    }

    private void delete(Exchange exchange) throws IOException, InterruptedException {
        var name = exchange.value("name");
        try {
            containers.await(engines.get().volumes().delete(name));
        } catch (Problem e) {
            switch (e.code()) {
                case VOLUME_NOT_FOUND -> {
                    if (!exchange.flag("force")) throw new Refusal(404, "get %s: no such volume".formatted(name));
                }
                case IN_USE -> throw new Refusal(409, "remove %s: volume is in use - [%s]".formatted(name, users(name)));
                default -> throw e;
            }
        }
        exchange.status(204);
    }

    private void pruneLabelled(Exchange exchange, Filters filters, boolean all) throws IOException, InterruptedException {
        var volumes = engines.get().volumes();
        var gone = new ArrayList<String>();
        long freed = 0;
        for (var view : volumes.list()) {
            var volume = view.volume();
            if (!view.users().isEmpty() || !all && !volume.isNameless() || !filters.prunes(volume.labels())) continue;
            containers.await(volumes.delete(volume.name().value()));
            freed += view.used().map(used -> used.count()).orElse(0L);
            gone.add(volume.name().value());
        }
        exchange.json(200, new JsonObject().put("VolumesDeleted", ContainerJson.textsOrNull(gone)).put("SpaceReclaimed", freed));
        containers.tellPruned("volume", freed);
    }

    /// Ids of the containers that have it.
    private String users(String name) throws InterruptedException {
        return engines.get().list().stream().filter(instance -> instance.spec().mounts().stream()
                        .anyMatch(mount -> mount.type().equals(Mount.VOLUME) && mount.source().equals(name)))
                .map(instance -> instance.id().value()).collect(Collectors.joining(", "));
    }

    private void prune(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, Set.of("all", "label", "label!"));
        // Before 1.42 those with a name were removed, too.
        boolean all = exchange.minor() < 42 || filters.all("all").stream()
                .anyMatch(word -> word.equals("true") || word.equals("1"));
        if (filters.has("label") || filters.has("label!")) {
            pruneLabelled(exchange, filters, all);
            return;
        }
        var pruned = engines.get().volumes().prune(all);
        exchange.json(200, new JsonObject()
                .put("VolumesDeleted", ContainerJson.textsOrNull(pruned.names().stream()
                        .map(VolumeName::value).toList()))
                .put("SpaceReclaimed", pruned.freed().count()));
        containers.tellPruned("volume", pruned.freed().count());
    }
}
