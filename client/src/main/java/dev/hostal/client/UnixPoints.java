package dev.hostal.client;

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
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The calls about points in time over the daemon's Unix socket.
final class UnixPoints implements Points {
    private final Requests requests;

    UnixPoints(Requests requests) {
        this.requests = requests;
    }

    @Override public SnapshotsV1 snapshots(String ref) throws IOException {
        return Requests.read(requests.json("GET", of(ref, "/snapshots")), SnapshotsV1::from);
    }

    @Override public SnapshotV1 snapshot(String ref, String name) throws IOException {
        return Requests.read(requests.json("GET", of(ref, name, "")), SnapshotV1::from);
    }

    @Override public OperationV1 create(String ref, CreateSnapshotV1 body) throws IOException {
        return operation("POST", of(ref, "/snapshots"), body.toJson());
    }

    @Override public OperationV1 restore(String ref, String name, boolean force) throws IOException {
        return operation("POST", of(ref, name, "/restore" + (force ? "?force=true" : "")));
    }

    @Override public OperationV1 delete(String ref, String name) throws IOException {
        return operation("DELETE", of(ref, name, ""));
    }

    @Override public SnapshotV1 rename(String ref, String name, Optional<String> other, Optional<String> description)
            throws IOException {
        var body = new JsonObject().putIfPresent("name", other).putIfPresent("description", description);
        return Requests.read(requests.json("POST", of(ref, name, "/rename"), body), SnapshotV1::from);
    }

    @Override public void schedule(String ref, ScheduleV1 schedule) throws IOException {
        requests.json("PUT", of(ref, "/snapshot-schedule"), schedule.toJson());
    }

    @Override public void unschedule(String ref) throws IOException {
        requests.nothing("DELETE", of(ref, "/snapshot-schedule"));
    }

    @Override public OperationV1 rewind(String ref, long ago) throws IOException {
        return operation("POST", of(ref, "/rewind"), new JsonObject().put("ago", ago));
    }

    @Override public OperationV1 clone(String ref, CloneV1 body) throws IOException {
        return operation("POST", of(ref, "/clone"), body.toJson());
    }

    @Override public OperationV1 fork(ForkV1 body) throws IOException {
        return operation("POST", "/v1/forks", body.toJson());
    }

    @Override public List<PoolV1> pools() throws IOException {
        return Requests.readAll(requests.json("GET", "/v1/pools"), "pools", PoolV1::from);
    }

    @Override public PoolV1 pool(String name) throws IOException {
        return Requests.read(requests.json("GET", ofPool(name)), PoolV1::from);
    }

    @Override public OperationV1 createPool(CreatePoolV1 body) throws IOException {
        return operation("POST", "/v1/pools", body.toJson());
    }

    @Override public InstanceV1 take(String pool, Optional<String> name) throws IOException {
        return Requests.read(requests.json("POST", ofPool(pool) + "/take", new JsonObject().putIfPresent("name", name)),
                InstanceV1::from);
    }

    @Override public OperationV1 deletePool(String name) throws IOException {
        return operation("DELETE", ofPool(name));
    }

    private OperationV1 operation(String method, String target) throws IOException {
        return Requests.read(requests.json(method, target), OperationV1::from);
    }

    private OperationV1 operation(String method, String target, JsonObject body) throws IOException {
        return Requests.read(requests.json(method, target, body), OperationV1::from);
    }

    private static String of(String ref, String rest) {
        return "/v1/instances/" + Target.segment(ref) + rest;
    }

    private static String of(String ref, String snapshot, String rest) {
        return of(ref, "/snapshots/" + Target.segment(snapshot)) + rest;
    }

    private static String ofPool(String name) {
        return "/v1/pools/" + Target.segment(name);
    }
}
