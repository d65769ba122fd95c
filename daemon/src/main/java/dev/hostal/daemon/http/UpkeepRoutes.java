package dev.hostal.daemon.http;

import dev.hostal.api.ProcessesV1;
import dev.hostal.api.ProcessesV1.ProcessV1;
import dev.hostal.api.UpdateInstanceV1;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Upkeep;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Change;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Looking after instances that exist: `update`, `processes`, `prune`.
final class UpkeepRoutes {
    /// How long a guest may take to list its processes. Chosen.
    private static final Duration PROCESSES_MAX = Duration.ofSeconds(30);
    /// How long a root may take to be read. Chosen: as for other archives.
    private static final Duration ROOT_MAX = Duration.ofHours(6);
    private static final int PIECE = 64 << 10;
    private static final Duration PRUNE_MAX = Duration.ofMinutes(10);

    private final EngineSource engines;
    private final InstanceRoutes instances;

    UpkeepRoutes(EngineSource engines, InstanceRoutes instances) {
        this.engines = engines;
        this.instances = instances;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("instanceUpdate", this::update, "instanceProcesses", this::processes, "instancePrune", this::prune,
                "instanceChanges", this::changes, "instanceRoot", this::root, "instanceCommit", this::commit);
    }

    private void update(Call call) throws IOException, InterruptedException {
        var body = UpdateInstanceV1.from(call.body());
        Change change;
        try {
            change = new Change(body.cpus().isPresent() ? Optional.of(body.cpus().getAsInt()) : Optional.empty(),
                    body.memory().isPresent() ? Optional.of(new Bytes(body.memory().getAsLong())) : Optional.empty(),
                    body.limits(), body.restart());
        } catch (IllegalArgumentException e) {
            throw Problem.badMember("restart", "restart: %s.".formatted(e.getMessage()));
        }
        var id = instances.find(call).id();
        call.json(ToWire.instance(engines.get().upkeep().update(id, change)).toJson());
    }

    private void processes(Call call) throws IOException, InterruptedException {
        var id = instances.find(call).id();
        var table = engines.get().upkeep().processes(id, Deadline.in(PROCESSES_MAX));
        call.json(new ProcessesV1(table.rows().stream().map(UpkeepRoutes::process).toList()).toJson());
    }

    private static ProcessV1 process(List<String> row) {
        return new ProcessV1(Long.parseLong(row.get(0)), Long.parseLong(row.get(1)), row.get(2), row.get(3), row.get(4));
    }

    private void changes(Call call) throws IOException, InterruptedException {
        var changes = engines.get().upkeep().changes(instances.find(call).id(), Deadline.in(ROOT_MAX));
        call.json(new JsonObject().putObjects("changes", changes.stream().map(change -> new JsonObject()
                .put("sort", change.sort().name().toLowerCase(Locale.ROOT)).put("path", change.path())).toList()));
    }

    private void root(Call call) throws IOException, InterruptedException {
        var id = instances.find(call).id();
        try (var out = new StreamReply(call, "application/x-tar")) {
            engines.get().upkeep().readRoot(id, tar -> {
                var piece = new byte[PIECE];
                for (int count = tar.read(piece); count >= 0; count = tar.read(piece)) {
                    out.write(piece, 0, count);
                }
            }, Deadline.in(ROOT_MAX));
            out.end();
        }
    }

    private void commit(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("image", "author", "comment", "changes", "pause");
        var name = ToDomain.image("image", body.text("image"));
        var wanted = new Upkeep.Commit(Optional.of(name), Optional.empty(), body.findText("author").orElse(""),
                body.findText("comment").orElse(""), body.has("changes") ? body.texts("changes") : List.of(),
                !body.has("pause") || body.bool("pause"));
        var image = engines.get().upkeep().commit(instances.find(call).id(), wanted, Deadline.in(ROOT_MAX));
        call.json(ToWire.image(image).toJson());
    }

    private void prune(Call call) throws IOException, InterruptedException {
        call.noBody();
        var names = engines.get().upkeep().prune(Deadline.in(PRUNE_MAX));
        call.json(new JsonObject().putTexts("instances", names));
    }
}
