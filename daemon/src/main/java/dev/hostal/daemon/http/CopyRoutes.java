package dev.hostal.daemon.http;

import dev.hostal.api.CloneV1;
import dev.hostal.api.CreatePoolV1;
import dev.hostal.api.ForkV1;
import dev.hostal.api.PoolV1;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Copies.CloneSpec;
import dev.hostal.core.Engine;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Pool;
import dev.hostal.model.SnapshotId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Clones, forks and `/v1/pools`.
final class CopyRoutes {
    private final EngineSource engines;
    private final InstanceRoutes instances;

    CopyRoutes(EngineSource engines, InstanceRoutes instances) {
        this.engines = engines;
        this.instances = instances;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("instanceClone", this::clone, "instanceFlatten", this::flatten, "fork", this::fork,
                "pools", this::pools, "poolCreate", this::createPool, "pool", this::pool, "poolTake", this::take,
                "poolDelete", this::deletePool);
    }

    // ---- copies

    private void clone(Call call) throws IOException, InterruptedException {
        var body = CloneV1.from(call.body());
        var engine = engines.get();
        var source = instances.find(call);
        var snapshot = body.snapshot().isEmpty() ? Optional.<SnapshotId>empty()
                : Optional.of(engine.snapshots().get(source.id(), ref(body.snapshot().get())).id());
        call.operation(ToWire.operation(named(body.name(), () -> {
            var name = body.name().map(ToDomain::name).orElseGet(() -> engine.copies().cloneName(source.id()));
            return engine.copies().clone(source.id(), snapshot, new CloneSpec(name, body.linked(), body.sameIdentity()));
        })));
    }

    private static String ref(String snapshot) {
        if (InstanceRoutes.isRef(snapshot)) return snapshot;
        throw new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, "There is no snapshot '%s': that is no name.".formatted(snapshot));
    }

    private void flatten(Call call) throws IOException, InterruptedException {
        call.noBody();
        call.operation(ToWire.operation(engines.get().copies().flatten(instances.find(call).id())));
    }

    private void fork(Call call) throws IOException, InterruptedException {
        var body = ForkV1.from(call.body());
        var engine = engines.get();
        if (body.instances().isEmpty() || body.instances().size() > ForkV1.INSTANCES_MAX) {
            throw Problem.badMember("instances", "instances: from 1 to %d must be named.".formatted(ForkV1.INSTANCES_MAX));
        }
        var sources = new ArrayList<Instance>();
        for (var ref : body.instances()) {
            sources.add(instances.find(ref));
        }
        call.operation(ToWire.operation(named(body.name(), () -> sources.size() == 1
                ? forkOne(engine, sources.getFirst(), body) : forkGroup(engine, sources, body))));
    }

    private static Operation forkOne(Engine engine, Instance source, ForkV1 body) {
        return engine.copies().fork(source.id(), names(engine, source, body), body.sameIdentity());
    }

    private static List<InstanceName> names(Engine engine, Instance source, ForkV1 body) {
        if (body.name().isEmpty()) return engine.copies().forkNames(source.id(), body.count());
        var name = body.name().get();
        if (body.count() == 1) return List.of(ToDomain.name(name));
        return IntStream.rangeClosed(1, body.count()).mapToObj(i -> ToDomain.name(name + "-" + i)).toList();
    }

    private static Operation forkGroup(Engine engine, List<Instance> sources, ForkV1 body) {
        if (body.count() != 1) throw Problem.badMember("count", "count: several instances are forked once at a time.");
        var ids = sources.stream().map(Instance::id).toList();
        var suffix = body.name().orElseGet(() -> engine.copies().groupSuffix(ids));
        sources.forEach(source -> ToDomain.name(source.name() + "-" + suffix));
        return engine.copies().forkGroup(ids, suffix, body.sameIdentity());
    }

    /// Asks again where a name that was made up has been taken meanwhile.
    private static Operation named(Optional<String> given, Supplier<Operation> ask) {
        for (int attempt = 1; ; attempt++) {
            try {
                return ask.get();
            } catch (Problem problem) {
                boolean again = given.isEmpty() && problem.code() == ErrorCode.NAME_IN_USE;
                if (!again || attempt == NewNames.ATTEMPTS_MAX) throw problem;
            }
        }
    }

    // ---- pools

    private void pools(Call call) throws IOException, InterruptedException {
        call.json(new JsonObject().putObjects("pools", engines.get().pools().list().stream()
                .map(pool -> toWire(pool).toJson()).toList()));
    }

    private void createPool(Call call) throws IOException, InterruptedException {
        var body = CreatePoolV1.from(call.body());
        var name = ToDomain.name(body.name());
        InstanceId source = instances.find(body.from()).id();
        call.operation(ToWire.operation(engines.get().pools().create(name, source, body.ready())));
    }

    private void pool(Call call) throws IOException, InterruptedException {
        call.json(toWire(engines.get().pools().get(name(call))).toJson());
    }

    private void take(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("name");
        var name = body.findText("name").map(ToDomain::name);
        call.json(ToWire.instance(engines.get().pools().take(name(call), name)).toJson());
    }

    private void deletePool(Call call) throws IOException, InterruptedException {
        call.noBody();
        call.operation(ToWire.operation(engines.get().pools().delete(name(call))));
    }

    private static String name(Call call) {
        var name = call.value("pool");
        if (InstanceName.isName(name)) return name;
        throw new Problem(ErrorCode.POOL_NOT_FOUND, "There is no pool '%s': that is no name.".formatted(name));
    }

    private static PoolV1 toWire(Pool pool) {
        return new PoolV1(pool.name().value(), pool.source().value(), pool.ready(), pool.waiting(), pool.taken(),
                pool.createdAt().toString());
    }
}
