package dev.hostal.docker.buildkit;

import dev.hostal.base.Problem;
import dev.hostal.docker.EngineAccess;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcMethod;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.docker.grpc.GrpcStream;
import dev.hostal.docker.grpc.ProtoReader;
import dev.hostal.docker.grpc.ProtoWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The service that builds, follows builds, and tells of the builder. Source: moby/buildkit, api/services/control.
final class Control {
    private static final String SERVICE = "/moby.buildkit.v1.Control/";
    /// How often a call that tells of a build looks whether it has ended.
    private static final long LOOK_MILLIS = 1000;

    private final EngineAccess engines;
    private final Jobs jobs;
    private final Solver solver;
    private final Worker worker;

    Control(EngineAccess engines, Jobs jobs, Solver solver, Worker worker) {
        this.engines = engines;
        this.jobs = jobs;
        this.solver = solver;
        this.worker = worker;
    }

    Map<String, GrpcMethod> methods() {
        var all = new HashMap<String, GrpcMethod>();
        all.put(SERVICE + "Solve", GrpcMethod.unary((_, request) -> solve(request)));
        all.put(SERVICE + "Status", this::status);
        all.put(SERVICE + "ListWorkers", GrpcMethod.unary((_, _) -> new ProtoWriter().message(1, worker.toProto())));
        all.put(SERVICE + "Info", GrpcMethod.unary((_, _) -> new ProtoWriter().message(1, worker.versionProto())));
        all.put(SERVICE + "DiskUsage", GrpcMethod.unary((_, _) -> new ProtoWriter()));
        all.put(SERVICE + "Prune", this::prune);
        all.put("/grpc.health.v1.Health/Check", GrpcMethod.unary((_, _) -> new ProtoWriter().number(1, 1)));
        return all;
    }

    private ProtoWriter solve(byte[] request) throws IOException, InterruptedException {
        var wanted = SolveRequest.parse(request);
        var job = jobs.begin(wanted.ref(), wanted);
        try {
            return new ProtoWriter().map(1, solver.solve(job, Optional.empty()));
        } finally {
            jobs.end(job);
        }
    }

    private void status(GrpcStream call) throws IOException, InterruptedException {
        var ref = "";
        for (var in = new ProtoReader(call.read().orElse(new byte[0])); in.next(); ) {
            if (in.field() == 1) ref = in.text();
        }
        var job = jobs.get(ref);
        for (int place = 0; ; ) {
            if (!job.await(place, LOOK_MILLIS)) continue;
            var told = job.told(place);
            if (told.isEmpty()) return;
            call.write(told.get());
            place++;
        }
    }

    /// All of it is one record: steps and cache mounts go together.
    private void prune(GrpcStream call) throws IOException, InterruptedException {
        call.read();
        try {
            long freed = engines.get().builds().prune().count();
            if (freed > 0) call.write(new ProtoWriter().text(1, "build-cache").number(4, freed).time(6, Instant.now())
                    .text(9, "steps of builds and cache mounts").text(10, "regular").toBytes());
        } catch (Problem e) {
            throw new GrpcException(GrpcStatus.UNKNOWN, e.getMessage(), e);
        }
    }
}
