package dev.hostal.cli;

import dev.hostal.api.CloneV1;
import dev.hostal.api.CreatePoolV1;
import dev.hostal.api.CreateSnapshotV1;
import dev.hostal.api.ForkV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.PoolV1;
import dev.hostal.api.ScheduleV1;
import dev.hostal.api.SnapshotV1;
import dev.hostal.api.SnapshotsV1;
import dev.hostal.client.Points;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Snapshots of whatever instance, as one list; pools without anything in them.
final class FakePoints implements Points {
    final List<SnapshotV1> snapshots = new ArrayList<>();
    private final Map<String, PoolV1> pools = new LinkedHashMap<>();
    private Optional<ScheduleV1> schedule = Optional.empty();
    private final FakeHostal hostal;

    FakePoints(FakeHostal hostal) {
        this.hostal = hostal;
    }

    private OperationV1 made(String verb, String target, List<String> results) {
        var done = hostal.done(verb, target);
        return new OperationV1(done.id(), verb, target, done.status(), "", 0, 0, Optional.empty(), done.createdAt(),
                done.endedAt(), results);
    }

    private static SnapshotV1 current(SnapshotV1 one, boolean current) {
        return new SnapshotV1(one.id(), one.name(), one.parent(), one.description(), one.memory(), one.createdAt(), one.used(),
                current, one.scheduled(), one.volumes());
    }

    private Optional<SnapshotV1> current() {
        return snapshots.stream().filter(SnapshotV1::current).findFirst();
    }

    @Override public SnapshotsV1 snapshots(String ref) throws IOException {
        hostal.instance(ref);
        return new SnapshotsV1(snapshots, schedule);
    }

    @Override public SnapshotV1 snapshot(String ref, String name) throws IOException {
        hostal.instance(ref);
        return snapshots.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow(() ->
                FakeHostal.refuse("SNAPSHOT_NOT_FOUND", "%s has no snapshot '%s'.".formatted(ref, name)));
    }

    @Override public OperationV1 create(String ref, CreateSnapshotV1 body) throws IOException {
        hostal.calls.add("snapshot " + hostal.instance(ref).name() + " " + body.toJson().toText());
        var parent = current().map(SnapshotV1::name);
        snapshots.replaceAll(one -> current(one, false));
        var id = "%024x".formatted(snapshots.size() + 1);
        snapshots.add(new SnapshotV1(id, body.name().orElse("s"), parent, body.description(), body.memory(),
                FakeHostal.CREATED, 12 << 20, true, false, body.volumes() ? List.of("data", "logs") : List.of()));
        return made("snapshot.create", hostal.instance(ref).id(), List.of(id));
    }

    @Override public OperationV1 restore(String ref, String name, boolean force) throws IOException {
        snapshot(ref, name);
        hostal.calls.add("restore " + name + (force ? " force" : ""));
        snapshots.replaceAll(one -> current(one, one.name().equals(name)));
        return made("snapshot.restore", hostal.instance(ref).id(), List.of());
    }

    @Override public OperationV1 delete(String ref, String name) throws IOException {
        snapshots.remove(snapshot(ref, name));
        return made("snapshot.delete", hostal.instance(ref).id(), List.of());
    }

    @Override public SnapshotV1 rename(String ref, String name, Optional<String> other, Optional<String> description)
            throws IOException {
        var one = snapshot(ref, name);
        hostal.calls.add("rename " + name + " " + other.orElse("") + description.map(text -> " " + text).orElse(""));
        var renamed = new SnapshotV1(one.id(), other.orElse(name), one.parent(), description.orElse(one.description()),
                one.memory(), one.createdAt(), one.used(), one.current(), one.scheduled(), one.volumes());
        snapshots.set(snapshots.indexOf(one), renamed);
        return renamed;
    }

    @Override public void schedule(String ref, ScheduleV1 wanted) {
        schedule = Optional.of(wanted);
    }

    @Override public void unschedule(String ref) {
        schedule = Optional.empty();
    }

    @Override public OperationV1 rewind(String ref, long ago) throws IOException {
        hostal.calls.add("rewind " + ago);
        var back = snapshots.getFirst();
        create(ref, new CreateSnapshotV1(Optional.of("before-rewind"), "", false, false));
        restore(ref, back.name(), true);
        return made("snapshot.rewind", hostal.instance(ref).id(), List.of(back.id(), snapshots.getLast().id()));
    }

    @Override public OperationV1 clone(String ref, CloneV1 body) throws IOException {
        var source = hostal.instance(ref);
        hostal.calls.add("clone " + source.name() + " " + body.toJson().toText());
        var made = hostal.add(body.name().orElse(source.name() + "-clone"), "stopped", List.of(), false, false);
        return made("instance.clone", source.id(), List.of(made.id()));
    }

    @Override public OperationV1 fork(ForkV1 body) throws IOException {
        hostal.calls.add("fork " + body.toJson().toText());
        var ids = new ArrayList<String>();
        for (var ref : body.instances()) {
            for (int i = 1; i <= body.count(); i++) {
                ids.add(hostal.add("%s-%d".formatted(hostal.instance(ref).name(), i), "running", List.of(), false, false).id());
            }
        }
        return made("instance.fork", hostal.instance(body.instances().getFirst()).id(), ids);
    }

    @Override public List<PoolV1> pools() {
        return List.copyOf(pools.values());
    }

    @Override public PoolV1 pool(String name) throws IOException {
        if (!pools.containsKey(name)) throw FakeHostal.refuse("POOL_NOT_FOUND", "There is no pool '%s'.".formatted(name));
        return pools.get(name);
    }

    @Override public OperationV1 createPool(CreatePoolV1 body) throws IOException {
        pools.put(body.name(), new PoolV1(body.name(), hostal.instance(body.from()).id(), body.ready(), body.ready(), 0,
                FakeHostal.CREATED));
        return made("pool.create", body.name(), List.of());
    }

    @Override public InstanceV1 take(String pool, Optional<String> name) throws IOException {
        pool(pool);
        return hostal.add(name.orElse("taken"), "running", List.of(), false, false);
    }

    @Override public OperationV1 deletePool(String name) throws IOException {
        pools.remove(pool(name).name());
        return made("pool.delete", name, List.of());
    }
}
