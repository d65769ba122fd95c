package dev.hostal.docker.buildkit;

import dev.hostal.base.Cause;
import dev.hostal.docker.EngineAccess;
import dev.hostal.docker.grpc.GrpcConnections;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcMethod;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;

/// What the Docker Engine API's routes need of BuildKit's protocols.
public final class BuildKit {
    /// How often a build that says nothing is looked after.
    private static final long BEAT_MILLIS = 1000;
    /// Most clients that serve builds at once. Chosen.
    private static final int SESSIONS_MAX = 200;

    private final Sessions sessions = new Sessions();
    private final Jobs jobs = new Jobs();
    private final Solver solver;
    private final Map<String, GrpcMethod> methods = new HashMap<>();

    /// @param id of the daemon, the same for a home
    public BuildKit(EngineAccess engines, String id, String version, Platform platform) {
        this.solver = new Solver(engines, sessions);
        var worker = new Worker(id, version, platform);
        methods.putAll(new Control(engines, jobs, solver, worker).methods());
        methods.putAll(new Bridge(jobs, solver, worker).methods());
    }

    /// The connection of a client that serves builds.
    ///
    /// @param served what it can be asked for
    public Connection session(Connector connector, EndPoint endPoint, String id, List<String> served) throws GrpcException {
        if (sessions.count() >= SESSIONS_MAX) {
            throw new GrpcException(GrpcStatus.RESOURCE_EXHAUSTED, "%d clients serve builds".formatted(SESSIONS_MAX));
        }
        return GrpcConnections.calling(connector, endPoint,
                channel -> sessions.add(ClientSession.of(id, channel, served)), sessions::remove);
    }

    /// The connection of a client that asks for builds.
    public Connection control(Connector connector, EndPoint endPoint) {
        return GrpcConnections.serving(connector, endPoint, methods);
    }

    /// A build that is asked for without the control service.
    ///
    /// @param session id of the client that serves it
    /// @param exporter where the outcome goes; empty: nowhere
    /// @param context an archive that comes with the request, where the client has no folder
    public record Asked(String ref, String session, Map<String, String> attributes, Optional<Exporter> exporter,
            Optional<InputStream> context) {}

    /// Where an outcome goes. Source: moby/buildkit, exporter/.
    public record Exporter(String type, Map<String, String> attributes) {}

    /// Takes what is told of a build.
    public interface Told {
        /// @param status a message StatusResponse
        void take(byte[] status) throws IOException;

        /// Finds whether somebody is there.
        void beat() throws IOException;
    }

    /// Builds and returns when the build has ended and all was told of it.
    ///
    /// @return what is said of the outcome
    /// @throws GrpcException why there is none
    public Map<String, String> build(Asked asked, Told told) throws IOException, InterruptedException {
        var exporters = asked.exporter().map(one -> new SolveRequest.Exporter(one.type(), one.attributes())).stream().toList();
        var job = jobs.begin(asked.ref(), new SolveRequest(asked.ref(), false, exporters, asked.session(),
                "dockerfile.v0", asked.attributes(), List.of(), List.of(), List.of(), false, false));
        var solving = new FutureTask<>(() -> {
            try {
                return solver.solve(job, asked.context().map(stream -> () -> stream));
            } finally {
                jobs.end(job);
            }
        });
        var thread = Thread.ofVirtual().name("buildkit").start(solving);
        boolean followed = false;
        try {
            follow(job, told);
            followed = true;
            return solving.get();
        } catch (ExecutionException e) {
            throw Cause.again(e.getCause());
        } finally {
            if (!followed) giveUp(thread);
        }
    }

    private static void follow(Job job, Told told) throws IOException, InterruptedException {
        for (int place = 0; ; ) {
            if (!job.await(place, BEAT_MILLIS)) {
                told.beat();
                continue;
            }
            var status = job.told(place);
            if (status.isEmpty()) return;
            told.take(status.get());
            place++;
        }
    }

    /// Nothing of it may be left when the caller goes on.
    private static void giveUp(Thread thread) {
        boolean interrupted = Thread.interrupted();
        try {
            thread.interrupt();
            thread.join(Duration.ofMinutes(1));
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
