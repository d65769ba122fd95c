package dev.hostal.daemon.http;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Copies;
import dev.hostal.core.Operation;
import dev.hostal.core.Pools;
import dev.hostal.core.Snapshots;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Pool;
import dev.hostal.model.Schedule;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.VolumeName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Points in time in memory: what was asked is written down, in words.
final class FakePoints implements Snapshots, Copies, Pools {
    final List<String> asked = new ArrayList<>();
    private final FakeEngine engine;
    private final List<Snapshot> snapshots = new ArrayList<>();
    private final List<Pool> pools = new ArrayList<>();
    private Optional<Schedule> schedule = Optional.empty();

    FakePoints(FakeEngine engine) {
        this.engine = engine;
    }

    private Operation begin(String verb, InstanceId target, List<String> results) {
        engine.changes.incrementAndGet();
        var begun = engine.operations.begin(verb, target.value());
        return new Operation(begun.id(), verb, begun.target(), begun.status(), begun.stage(), 0, 0, Optional.empty(),
                begun.createdAt(), Optional.empty(), results);
    }

    @Override public Operation create(InstanceId instance, Optional<SnapshotName> name, String description, boolean memory,
            boolean volumes) {
        var id = new SnapshotId("%024x".formatted(snapshots.size() + 1));
        var parent = snapshots.isEmpty() ? Optional.<SnapshotId>empty() : Optional.of(snapshots.getLast().id());
        snapshots.add(new Snapshot(id, instance, name.orElse(new SnapshotName("made-up")), parent, description, Instant.EPOCH,
                memory, false, true, Bytes.mib(3), volumes ? List.of(new VolumeName("data")) : List.of()));
        return begin("snapshot.create", instance, List.of(id.value()));
    }

    @Override public List<Snapshot> list(InstanceId instance) {
        return snapshots.stream().filter(one -> one.instance().equals(instance)).toList();
    }

    @Override public Snapshot get(InstanceId instance, String nameOrId) {
        return list(instance).stream()
                .filter(one -> one.name().value().equals(nameOrId) || one.id().value().equals(nameOrId)).findFirst()
                .orElseThrow(() -> new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, "No snapshot '%s'.".formatted(nameOrId)));
    }

    @Override public Operation restore(InstanceId instance, SnapshotId snapshot, boolean force) {
        asked.add("restore " + force);
        return begin("snapshot.restore", instance, List.of());
    }

    @Override public Operation delete(InstanceId instance, SnapshotId snapshot) {
        snapshots.removeIf(one -> one.id().equals(snapshot));
        return begin("snapshot.delete", instance, List.of());
    }

    @Override public Snapshot rename(InstanceId instance, SnapshotId snapshot, SnapshotName name, String description) {
        var old = get(instance, snapshot.value());
        var renamed = new Snapshot(old.id(), instance, name, old.parent(), description, old.createdAt(), old.memory(),
                old.scheduled(), old.current(), old.used(), old.volumes());
        snapshots.set(snapshots.indexOf(old), renamed);
        return renamed;
    }

    @Override public Schedule schedule(InstanceId instance, Duration every, int keep, boolean memory, Optional<Bytes> space) {
        schedule = Optional.of(new Schedule(instance, every, keep, memory, space, Optional.empty()));
        return schedule.get();
    }

    @Override public Optional<Schedule> schedule(InstanceId instance) {
        return schedule;
    }

    @Override public void unschedule(InstanceId instance) {
        schedule = Optional.empty();
    }

    @Override public Operation rewind(InstanceId instance, Instant time) {
        return begin("snapshot.rewind", instance, List.of());
    }

    @Override public Operation clone(InstanceId source, Optional<SnapshotId> snapshot, CloneSpec spec) {
        asked.add("clone %s %s".formatted(snapshot.map(SnapshotId::value).orElse("now"), spec));
        return begin("instance.clone", source, List.of(engine.running(spec.name().value()).id().value()));
    }

    @Override public Operation flatten(InstanceId instance) {
        return begin("instance.flatten", instance, List.of());
    }

    @Override public Operation fork(InstanceId source, List<InstanceName> names, boolean sameIdentity) {
        asked.add("fork " + names + (sameIdentity ? " same" : ""));
        return begin("instance.fork", source, names.stream().map(name -> engine.running(name.value()).id().value()).toList());
    }

    @Override public Operation forkGroup(List<InstanceId> sources, String suffix, boolean sameIdentity) {
        asked.add("group of %d -%s".formatted(sources.size(), suffix));
        return begin("instance.fork", sources.getFirst(), List.of());
    }

    @Override public List<InstanceName> forkNames(InstanceId source, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> new InstanceName("fork-" + i)).toList();
    }

    @Override public InstanceName cloneName(InstanceId source) {
        return Stream.iterate(1, i -> i + 1).map(i -> new InstanceName(i == 1 ? "web-clone" : "web-clone-" + i))
                .filter(name -> !isTaken(name)).findFirst().orElseThrow();
    }

    @Override public String groupSuffix(List<InstanceId> sources) {
        var stems = sources.stream().map(id -> engine.get(id.value()).name() + "-").toList();
        return Stream.iterate(1, i -> i + 1).map(String::valueOf).filter(number -> stems.stream()
                .noneMatch(stem -> isTaken(new InstanceName(stem + number)))).findFirst().orElseThrow();
    }

    private boolean isTaken(InstanceName name) {
        return engine.list().stream().anyMatch(each -> each.name().equals(name));
    }

    @Override public Operation create(InstanceName name, InstanceId source, int ready) {
        pools.add(new Pool(name, source, ready, ready, 0, Instant.EPOCH));
        return begin("pool.create", source, List.of());
    }

    @Override public List<Pool> list() {
        return List.copyOf(pools);
    }

    @Override public Pool get(String name) {
        return pools.stream().filter(pool -> pool.name().value().equals(name)).findFirst()
                .orElseThrow(() -> new Problem(ErrorCode.POOL_NOT_FOUND, "There is no pool '%s'.".formatted(name)));
    }

    @Override public Instance take(String pool, Optional<InstanceName> name) {
        return engine.running(name.map(InstanceName::value).orElse(get(pool).name() + "-1"));
    }

    @Override public Operation delete(String pool) {
        var gone = get(pool);
        pools.remove(gone);
        return begin("pool.delete", gone.source(), List.of());
    }
}
