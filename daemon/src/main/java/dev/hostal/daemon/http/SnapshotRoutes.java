package dev.hostal.daemon.http;

import dev.hostal.api.CreateSnapshotV1;
import dev.hostal.api.ScheduleV1;
import dev.hostal.api.SnapshotV1;
import dev.hostal.api.SnapshotsV1;
import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Snapshots;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.VolumeName;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `/v1/instances/{ref}/snapshots` and what goes back to them.
final class SnapshotRoutes {
    /// Chosen: longer than any instance lives.
    private static final Duration AGO_MAX = Duration.ofDays(3660);

    private final EngineSource engines;
    private final InstanceRoutes instances;
    private final Clock clock;

    SnapshotRoutes(EngineSource engines, InstanceRoutes instances, Clock clock) {
        this.engines = engines;
        this.instances = instances;
        this.clock = clock;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("snapshots", this::list, "snapshotCreate", this::create, "snapshot", this::show,
                "snapshotDelete", this::delete, "snapshotRestore", this::restore, "snapshotRename", this::rename,
                "snapshotSchedule", this::schedule, "snapshotScheduleOff", this::unschedule,
                "instanceRewind", this::rewind);
    }

    private Snapshots snapshots() throws InterruptedException {
        return engines.get().snapshots();
    }

    private void list(Call call) throws IOException, InterruptedException {
        var id = instances.find(call).id();
        call.json(new SnapshotsV1(all(id), snapshots().schedule(id).map(ScheduleV1::of)).toJson());
    }

    private List<SnapshotV1> all(InstanceId id) throws IOException, InterruptedException {
        var all = snapshots().list(id);
        var names = all.stream().collect(Collectors.toMap(Snapshot::id, one -> one.name().value()));
        return all.stream().map(one -> toWire(one, names)).toList();
    }

    private static SnapshotV1 toWire(Snapshot one, Map<SnapshotId, String> names) {
        return new SnapshotV1(one.id().value(), one.name().value(), one.parent().map(names::get), one.description(),
                one.memory(), one.createdAt().toString(), one.used().count(), one.current(), one.scheduled(),
                one.volumes().stream().map(VolumeName::value).toList());
    }

    private void create(Call call) throws IOException, InterruptedException {
        var body = CreateSnapshotV1.from(call.body());
        ToDomain.text("description", body.description(), Snapshots.DESCRIPTION_MAX);
        var name = body.name().map(ToDomain::snapshotName);
        call.operation(ToWire.operation(snapshots().create(instances.find(call).id(), name, body.description(),
                body.memory(), body.volumes())));
    }

    private void show(Call call) throws IOException, InterruptedException {
        var id = instances.find(call).id();
        show(call, id, find(call, id).id());
    }

    private void show(Call call, InstanceId id, SnapshotId snapshot) throws IOException, InterruptedException {
        call.json(all(id).stream().filter(one -> one.id().equals(snapshot.value())).findFirst()
                .orElseThrow(() -> notFound(call)).toJson());
    }

    /// @throws Problem SNAPSHOT_NOT_FOUND
    private Snapshot find(Call call, InstanceId id) throws IOException, InterruptedException {
        var name = call.value("snapshot");
        if (!InstanceRoutes.isRef(name)) throw notFound(call);
        return snapshots().get(id, name);
    }

    private static Problem notFound(Call call) {
        return new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, "%s has no snapshot '%s'."
                .formatted(call.value("ref"), call.value("snapshot")));
    }

    private void delete(Call call) throws IOException, InterruptedException {
        call.noBody();
        var id = instances.find(call).id();
        call.operation(ToWire.operation(snapshots().delete(id, find(call, id).id())));
    }

    private void restore(Call call) throws IOException, InterruptedException {
        call.noBody();
        var id = instances.find(call).id();
        call.operation(ToWire.operation(snapshots().restore(id, find(call, id).id(), call.query().flag("force"))));
    }

    private void rename(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("name", "description");
        var id = instances.find(call).id();
        var old = find(call, id);
        var name = body.findText("name").map(ToDomain::snapshotName).orElse(old.name());
        var description = body.findText("description").orElse(old.description());
        ToDomain.text("description", description, Snapshots.DESCRIPTION_MAX);
        snapshots().rename(id, old.id(), name, description);
        show(call, id, old.id());
    }

    private void schedule(Call call) throws IOException, InterruptedException {
        var wanted = ScheduleV1.from(call.body());
        snapshots().schedule(instances.find(call).id(), Duration.ofSeconds(wanted.every()), wanted.keep(), wanted.memory(),
                wanted.space().isPresent() ? Optional.of(new Bytes(wanted.space().getAsLong())) : Optional.empty());
        call.nothing();
    }

    private void unschedule(Call call) throws IOException, InterruptedException {
        call.noBody();
        snapshots().unschedule(instances.find(call).id());
        call.nothing();
    }

    private void rewind(Call call) throws IOException, InterruptedException {
        JsonObject body = call.body();
        body.onlyMembers("ago");
        var ago = Duration.ofSeconds(body.integer("ago", 0, AGO_MAX.toSeconds()));
        call.operation(ToWire.operation(snapshots().rewind(instances.find(call).id(), clock.instant().minus(ago))));
    }
}
