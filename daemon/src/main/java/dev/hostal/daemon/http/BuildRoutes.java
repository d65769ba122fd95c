package dev.hostal.daemon.http;

import dev.hostal.api.BuildEventV1;
import dev.hostal.api.BuildV1;
import dev.hostal.api.PrunedV1;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.BuildFeed;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.BuildCaller;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.StepLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/// Builds of images: the body says what is wanted and brings the context, the reply tells how it goes on.
final class BuildRoutes {
    /// Chosen: a distribution is compiled in less.
    private static final Duration BUILD_MAX = Duration.ofHours(12);
    /// How long a client may be silent in the middle of its context. Chosen.
    private static final long SILENT_MILLIS_MAX = 600_000;

    private final EngineSource engines;
    private final Sockets sockets;
    private final BuildTalks talks = new BuildTalks();

    BuildRoutes(EngineSource engines, Sockets sockets) {
        this.engines = engines;
        this.sockets = sockets;
    }

    Map<String, Endpoint> endpoints(ServerWebSocketContainer container) {
        return Map.of("build", this::build, "buildTalk", new Upgrade(container, sockets, talks::open), "buildPrune", this::prune);
    }

    private void prune(Call call) throws IOException, InterruptedException {
        call.json(new PrunedV1(List.of(), engines.get().builds().prune().count()).toJson());
    }

    private void build(Call call) throws IOException, InterruptedException {
        call.idle(SILENT_MILLIS_MAX);
        var body = call.bytes(BuildV1.TYPE, "application/octet-stream");
        var wanted = wanted(line(body));
        var reply = new Reply(call);
        var spec = spec(wanted, reply);
        BuildEventV1 last;
        try {
            call.idle(0);
            var builds = engines.get().builds();
            var size = wanted.diskSize();
            var image = BuildFeed.follow((listener, until) -> size.isPresent()
                    ? builds.buildDisk(spec, new Bytes(size.getAsLong()), body, listener, until)
                    : builds.build(spec, body, listener, until), reply, Deadline.in(BUILD_MAX));
            last = BuildEventV1.built(ToWire.image(image));
        } catch (Problem e) {
            if (!reply.begun) throw e;
            last = BuildEventV1.refused(Failures.body(e));
        }
        reply.write(last);
        call.write(true, ByteBuffer.allocate(0));
    }

    private static JsonObject line(InputStream body) throws IOException {
        var line = new ByteArrayOutputStream();
        try {
            for (int next = body.read(); next != '\n'; next = body.read()) {
                if (next < 0) throw new Problem(ErrorCode.BAD_REQUEST, "The body ends before its first line does.");
                if (line.size() >= BuildV1.LINE_MAX) throw new Problem(ErrorCode.BODY_TOO_LARGE,
                        "The first line of the body is longer than %d bytes.".formatted(BuildV1.LINE_MAX));
                line.write(next);
            }
        } catch (IOException e) {
            throw new ClientGone(e);
        }
        return JsonObject.parse(line.toString(StandardCharsets.UTF_8));
    }

    private static BuildV1 wanted(JsonObject json) {
        try {
            return BuildV1.from(json);
        } catch (JsonException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The first line of the body is wrong: %s.".formatted(e.getMessage()), e);
        }
    }

    private BuildSpec spec(BuildV1 wanted, Reply reply) {
        try {
            var asked = new BuildSpec.Asked(new Client(wanted.agents(), reply), Optional.empty(), wanted.contexts(),
                    wanted.hosts(), new StepLimits(wanted.sharedMemory().map(Bytes::new),
                            wanted.memory().map(Bytes::new), wanted.limits()),
                    Set.copyOf(wanted.entitlements()), Set.copyOf(wanted.uncached()), wanted.remote());
            return new BuildSpec(wanted.tags().stream().map(tag -> ToDomain.image("tags", tag)).toList(), wanted.dockerfile(),
                    wanted.arguments(), wanted.target(), wanted.noCache(), wanted.pull(), wanted.labels(),
                    ToDomain.arch(wanted.arch()), wanted.network().orElse(BuildSpec.NETWORK_DEFAULT),
                    wanted.logins().stream().map(ImageWords::login).toList(), wanted.secrets(), asked,
                    new BuildSpec.SharedSteps(wanted.cacheFrom().stream().map(name -> ToDomain.image("cacheFrom", name)).toList(),
                            wanted.cacheTo().map(name -> ToDomain.image("cacheTo", name)), wanted.cacheInline()));
        } catch (JsonException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The first line of the body is wrong: %s.".formatted(e.getMessage()), e);
        }
    }

    /// The client of a build, as far as it can be asked for something.
    private final class Client implements BuildCaller {
        private final List<String> agents;
        private final Reply reply;

        Client(List<String> agents, Reply reply) {
            this.agents = agents;
            this.reply = reply;
        }

        @Override public Optional<byte[]> secret(String id) {
            return Optional.empty();
        }

        @Override public Optional<RegistryLogin> login(String registry) {
            return Optional.empty();
        }

        @Override public boolean hasAgent(String id) {
            return agents.contains(id);
        }

        @Override public void talkToAgent(String id, InputStream in, OutputStream out) throws IOException, InterruptedException {
            talks.hold(in, out, talk -> reply.write(BuildEventV1.asking("agent", id, talk)));
        }

        @Override public Optional<InputStream> context(String name) throws IOException {
            return Optional.of(talks.receive(talk -> reply.write(BuildEventV1.asking("context", name, talk))));
        }
    }

    /// Begins with its first line: what fails before is said with a status.
    private static final class Reply implements BuildFeed.Sink {
        private final Call call;
        private boolean begun;

        Reply(Call call) {
            this.call = call;
        }

        /// Also for what a step asks its client for, on another thread than that of the reply.
        synchronized void write(BuildEventV1 event) throws IOException {
            if (!begun) call.begin("application/x-ndjson");
            begun = true;
            call.write(false, ByteBuffer.wrap((event.toJson().toText() + "\n").getBytes(StandardCharsets.UTF_8)));
        }

        @Override public void take(BuildEvent event) throws IOException {
            write(switch (event) {
                case BuildEvent.Begun(int step, var name, _, _, _) -> BuildEventV1.of("begun", step, name);
                case BuildEvent.Output(int step, var bytes, _) -> BuildEventV1.of("output", step,
                        new String(bytes, StandardCharsets.UTF_8));
                case BuildEvent.Done(int step, boolean cached, _) -> BuildEventV1.of(cached ? "cached" : "done", step, "");
                case BuildEvent.Failed(int step, var why) -> BuildEventV1.of("failed", step, why);
            });
        }

        @Override public synchronized void beat() throws IOException {
            if (begun) call.write(false, ByteBuffer.wrap(new byte[] {'\n'}));
        }
    }
}
