package dev.hostal.daemon.http;

import dev.hostal.api.DaemonV1;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/// Everything that `/v1` serves: the endpoint of each route, by its name.
public final class Api {
    /// How often a silent stream is written to, to find whether its client is still there. Chosen.
    public static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final EngineSource engines;
    private final DaemonV1 daemon;
    private final Runnable stop;
    private final RandomGenerator random;
    private final Sockets sockets;
    private final Metrics metrics = new Metrics();

    /// @param stop begins the daemon's end and returns at once
    /// @param random makes up names
    public Api(EngineSource engines, DaemonV1 daemon, Runnable stop, RandomGenerator random, Duration heartbeat) {
        this.engines = engines;
        this.daemon = daemon;
        this.stop = stop;
        this.random = random;
        this.sockets = new Sockets(new Attendance(), heartbeat);
    }

    Map<String, Endpoint> endpoints(ServerWebSocketContainer container) {
        var instances = new InstanceRoutes(engines, new NewNames(random), sockets);
        var all = new HashMap<String, Endpoint>();
        all.putAll(new DaemonRoutes(engines, daemon, stop, sockets, metrics).endpoints());
        all.putAll(instances.endpoints());
        all.putAll(new SnapshotRoutes(engines, instances, Clock.systemUTC()).endpoints());
        all.putAll(new CopyRoutes(engines, instances).endpoints());
        all.putAll(new UpkeepRoutes(engines, instances).endpoints());
        all.putAll(new InstanceStreams(engines, instances, sockets).endpoints(container));
        all.putAll(new LogRoutes(engines, instances, sockets).endpoints());
        all.putAll(new ImageRoutes(engines).endpoints());
        all.putAll(new ImageStreams(engines).endpoints());
        all.putAll(new BuildRoutes(engines, sockets).endpoints(container));
        all.putAll(new VolumeRoutes(engines).endpoints());
        all.putAll(new NetworkRoutes(engines).endpoints());
        all.putAll(new GroupRoutes(engines).endpoints());
        all.putAll(new OperationRoutes(engines, sockets).endpoints());
        return Map.copyOf(all);
    }

    /// Requests answered since the start.
    public long requests() {
        return metrics.requests();
    }

    Metrics metrics() {
        return metrics;
    }

    /// Streams that are open now.
    int streams() {
        return sockets.attendance().count();
    }

    /// Ends every stream.
    void close() {
        sockets.attendance().end();
    }
}
