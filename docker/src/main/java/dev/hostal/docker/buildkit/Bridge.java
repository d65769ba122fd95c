package dev.hostal.docker.buildkit;

import dev.hostal.docker.buildkit.Job.Returned;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcMethod;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.docker.grpc.GrpcStream;
import dev.hostal.docker.grpc.ProtoReader;
import dev.hostal.docker.grpc.ProtoWriter;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The service by which a client directs a build that it has begun: it asks for things, and says which one is the outcome.
/// buildx builds everything in this way. Source: moby/buildkit, frontend/gateway.
final class Bridge {
    private static final String SERVICE = "/moby.buildkit.v1.frontend.LLBBridge/";
    private static final String BUILD_ID = "buildkit-controlapi-buildid";
    /// What is there of the interface. Source: moby/buildkit, frontend/gateway/pb/caps.go.
    private static final List<String> CAPABILITIES = List.of("solve.base", "return", "returnmap", "proto.refarray",
            "gateway.solve.metadata", "gateway.solve.evaluate", "gateway.evaluate", "gateway.warnings");
    /// Of graphs: none is executed, but an empty list would stand for what old builders had.
    private static final List<String> GRAPH_CAPABILITIES = List.of("source.local");

    private final Jobs jobs;
    private final Solver solver;
    private final Worker worker;

    Bridge(Jobs jobs, Solver solver, Worker worker) {
        this.jobs = jobs;
        this.solver = solver;
        this.worker = worker;
    }

    Map<String, GrpcMethod> methods() {
        var all = new HashMap<String, GrpcMethod>();
        all.put(SERVICE + "Ping", GrpcMethod.unary((_, _) -> ping()));
        all.put(SERVICE + "Solve", GrpcMethod.unary((call, request) -> solve(job(call), request)));
        all.put(SERVICE + "Evaluate", GrpcMethod.unary((call, request) -> evaluate(job(call), request)));
        all.put(SERVICE + "Return", GrpcMethod.unary((call, request) -> returned(job(call), request)));
        all.put(SERVICE + "Inputs", GrpcMethod.unary((_, _) -> new ProtoWriter()));
        all.put(SERVICE + "Warn", GrpcMethod.unary((call, request) -> warn(job(call), request)));
        return all;
    }

    private Job job(GrpcStream call) throws GrpcException, InterruptedException {
        return jobs.get(call.header(BUILD_ID).orElseThrow(() -> new GrpcException(GrpcStatus.INVALID_ARGUMENT,
                "no buildid found in context")));
    }

    private ProtoWriter ping() {
        var pong = new ProtoWriter();
        CAPABILITIES.forEach(name -> pong.message(1, new ProtoWriter().text(1, name).flag(2, true)));
        GRAPH_CAPABILITIES.forEach(name -> pong.message(2, new ProtoWriter().text(1, name).flag(2, true)));
        return pong.message(3, worker.toProto());
    }

    private ProtoWriter solve(Job job, byte[] request) throws IOException, InterruptedException {
        boolean definition = false;
        var frontend = "";
        var attributes = new LinkedHashMap<String, String>();
        boolean inputs = false;
        boolean evaluate = false;
        for (var in = new ProtoReader(request); in.next(); ) {
            switch (in.field()) {
                case 1 -> definition = in.bytes().length > 0;
                case 2 -> frontend = in.text();
                case 3 -> in.entry(attributes);
                case 13 -> {
                    in.bytes();
                    inputs = true;
                }
                case 14 -> evaluate = in.flag();
                default -> { }
            }
        }
        var id = job.add(FrontendRequest.of(frontend, attributes, definition, inputs));
        if (evaluate) solver.image(job, id, Optional.empty());
        return new ProtoWriter().message(3, new ProtoWriter().message(3, new ProtoWriter().text(1, id)));
    }

    private ProtoWriter evaluate(Job job, byte[] request) throws IOException, InterruptedException {
        var id = "";
        for (var in = new ProtoReader(request); in.next(); ) {
            if (in.field() == 1) id = in.text();
        }
        if (!id.isEmpty()) solver.image(job, id, Optional.empty());
        return new ProtoWriter();
    }

    private static ProtoWriter returned(Job job, byte[] request) throws GrpcException {
        Optional<String> result = Optional.empty();
        Optional<GrpcException> error = Optional.empty();
        for (var in = new ProtoReader(request); in.next(); ) {
            switch (in.field()) {
                case 1 -> result = result(in.message());
                case 2 -> error = Optional.of(error(in.message()));
                default -> { }
            }
        }
        job.returned().complete(new Returned(result, error));
        return new ProtoWriter();
    }

    /// The outcome, which is one.
    private static Optional<String> result(ProtoReader in) throws GrpcException {
        var id = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> id = in.text();
                case 3 -> {
                    for (var ref = in.message(); ref.next(); ) {
                        if (ref.field() == 1) id = ref.text();
                    }
                }
                case 2, 4 -> throw new GrpcException(GrpcStatus.UNIMPLEMENTED,
                        "a build with several outcomes is not possible with Hostal");
                default -> { }
            }
        }
        return id.isEmpty() ? Optional.empty() : Optional.of(id);
    }

    /// Source: google/rpc/status.proto.
    private static GrpcException error(ProtoReader in) throws GrpcException {
        long code = 2;
        var message = "the build was given up by its client";
        while (in.next()) {
            if (in.field() == 1) code = in.number();
            else if (in.field() == 2) message = in.text();
        }
        return new GrpcException(GrpcStatus.of(Long.toString(code)), message);
    }

    /// Passed on to whoever follows the build.
    private static ProtoWriter warn(Job job, byte[] request) throws GrpcException {
        var warning = new ProtoWriter();
        for (var in = new ProtoReader(request); in.next(); ) {
            switch (in.field()) {
                case 1 -> warning.text(1, in.text());
                case 2 -> warning.number(2, in.number());
                case 3 -> warning.bytes(3, in.bytes());
                case 4 -> warning.bytes(4, in.bytes());
                case 5 -> warning.text(5, in.text());
                default -> { }
            }
        }
        job.tell(new ProtoWriter().message(4, warning), false);
        return new ProtoWriter();
    }
}
