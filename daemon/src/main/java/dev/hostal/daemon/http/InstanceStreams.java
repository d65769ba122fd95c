package dev.hostal.daemon.http;

import dev.hostal.api.ExecV1;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Phase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/// `/v1/instances` as far as the answers are streams: files and WebSockets.
final class InstanceStreams {
    /// How long a guest may take to open a stream. Chosen: an emulated guest under load needs seconds.
    private static final Duration OPEN_MAX = Duration.ofMinutes(1);
    /// How long a copy may take. Chosen.
    private static final Duration COPY_MAX = Duration.ofHours(6);
    /// How long the end of an instance may take to be written down after its streams broke. Chosen.
    private static final Duration WITNESS_MAX = Duration.ofSeconds(20);
    private static final int PIECE = 64 << 10;
    private static final int PORT_MAX = 65_535;

    private final EngineSource engines;
    private final InstanceRoutes instances;
    private final Sockets sockets;

    InstanceStreams(EngineSource engines, InstanceRoutes instances, Sockets sockets) {
        this.engines = engines;
        this.instances = instances;
        this.sockets = sockets;
    }

    Map<String, Endpoint> endpoints(ServerWebSocketContainer container) {
        return Map.of(
                "run", new Upgrade(container, sockets, new RunStream(engines, instances)::prepare),
                "instanceRead", this::read,
                "instanceWrite", this::write,
                "instanceAttach", new Upgrade(container, sockets, this::attach),
                "instanceExec", new Upgrade(container, sockets, this::exec),
                "instanceConsole", new Upgrade(container, sockets, this::console),
                "instanceConnect", new Upgrade(container, sockets, this::connect));
    }

    private void read(Call call) throws IOException, InterruptedException {
        var path = ToDomain.path("path", call.query().need("path"));
        var id = instances.find(call).id();
        try (var tar = engines.get().readTar(id, path, Deadline.in(COPY_MAX))) {
            var piece = new byte[PIECE];
            // What cannot be read at all is said with a status: so the reply begins with the first bytes.
            int count = tar.read(piece);
            call.begin("application/x-tar");
            for (; count >= 0; count = tar.read(piece)) {
                if (count > 0) call.write(false, ByteBuffer.wrap(piece, 0, count));
            }
            call.write(true, ByteBuffer.allocate(0));
        }
    }

    private void write(Call call) throws IOException, InterruptedException {
        var folder = ToDomain.path("path", call.query().need("path"));
        var body = call.bytes("application/x-tar", "application/octet-stream");
        var id = instances.find(call).id();
        try (var tar = engines.get().writeTar(id, folder, Deadline.in(COPY_MAX))) {
            var piece = new byte[PIECE];
            for (int count = Call.read(body, piece); count >= 0; count = Call.read(body, piece)) {
                tar.write(piece, 0, count);
            }
        }
        call.nothing();
    }

    private ChannelSocket.Opening attach(Call call) throws InterruptedException {
        var id = instances.find(call).id();
        var engine = engines.get();
        return _ -> new Joined.Program(engine.attach(id, Deadline.in(OPEN_MAX)), () -> exitOf(engine, id));
    }

    /// A machine that was killed breaks its streams; how it ended is known a moment later.
    static OptionalInt exitOf(Engine engine, InstanceId id) throws InterruptedException {
        try {
            var exit = engine.waitForExit(id, Deadline.in(WITNESS_MAX));
            return exit.isPresent() ? OptionalInt.of(exit.get().code()) : OptionalInt.empty();
        } catch (Problem _) {
            // It is deleted already: nobody knows any more.
            return OptionalInt.empty();
        }
    }

    private ChannelSocket.Opening exec(Call call) throws InterruptedException {
        var id = instances.find(call).id();
        var engine = engines.get();
        return first -> {
            var body = ExecV1.from(first.take("exec"));
            var process = engine.exec(id, ToDomain.exec(body), ToDomain.size(body), Deadline.in(OPEN_MAX));
            return new Joined.Program(process, () -> {
                requireMachine(engine, id);
                return OptionalInt.empty();
            });
        };
    }

    /// @throws Problem why nothing more can be heard of a program that was run in the instance
    private static void requireMachine(Engine engine, InstanceId id) {
        var there = engine.list().stream().filter(each -> each.id().equals(id)).findFirst();
        var name = there.map(each -> each.name().value()).orElse(id.brief());
        if (there.isPresent() && there.get().phase() instanceof Phase.Suspended) {
            throw new Problem(ErrorCode.WRONG_PHASE, """
                    Instance %s was suspended, and the program with it.
                    Maybe 'hostal start %s': the program then runs on, and nobody listens to it.""".formatted(name, name));
        }
        if (there.isPresent() && (there.get().phase() instanceof Phase.Running
                || there.get().phase() instanceof Phase.Paused)) return;
        throw new Problem(ErrorCode.WRONG_PHASE, "The machine of instance %s ended, and the program with it.".formatted(name));
    }

    private ChannelSocket.Opening console(Call call) throws InterruptedException {
        var id = instances.find(call).id();
        var engine = engines.get();
        return _ -> new Joined.Link(engine.console(id));
    }

    private ChannelSocket.Opening connect(Call call) throws InterruptedException {
        call.query().need("port");
        int port = (int) call.query().number("port", 1, PORT_MAX).orElseThrow();
        var id = instances.find(call).id();
        var engine = engines.get();
        return _ -> new Joined.Link(engine.connect(id, port, Deadline.in(OPEN_MAX)));
    }
}
