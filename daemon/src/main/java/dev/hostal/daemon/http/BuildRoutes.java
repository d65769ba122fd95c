package dev.hostal.daemon.http;

import dev.hostal.api.BuildEventV1;
import dev.hostal.api.BuildV1;
import dev.hostal.api.PrunedV1;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.BuildFeed;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Builds of images: the body says what is wanted and brings the context, the reply tells how it goes on.
final class BuildRoutes {
    /// Chosen: a distribution is compiled in less.
    private static final Duration BUILD_MAX = Duration.ofHours(12);
    /// How long a client may be silent in the middle of its context. Chosen.
    private static final long SILENT_MILLIS_MAX = 600_000;

    private final EngineSource engines;

    BuildRoutes(EngineSource engines) {
        this.engines = engines;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("build", this::build, "buildPrune", this::prune);
    }

    private void prune(Call call) throws IOException, InterruptedException {
        call.json(new PrunedV1(List.of(), engines.get().builds().prune().count()).toJson());
    }

    private void build(Call call) throws IOException, InterruptedException {
        call.idle(SILENT_MILLIS_MAX);
        var body = call.bytes(BuildV1.TYPE, "application/octet-stream");
        var spec = spec(line(body));
        var reply = new Reply(call);
        BuildEventV1 last;
        try {
            call.idle(0);
            var image = BuildFeed.follow(engines.get().builds(), spec, body, reply, Deadline.in(BUILD_MAX));
            last = new BuildEventV1("built", 0, "", Optional.of(ToWire.image(image)), Optional.empty());
        } catch (Problem e) {
            if (!reply.begun) throw e;
            last = new BuildEventV1("refused", 0, "", Optional.empty(), Optional.of(Failures.body(e)));
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

    private static BuildSpec spec(JsonObject json) {
        try {
            var wanted = BuildV1.from(json);
            return new BuildSpec(wanted.tags().stream().map(tag -> ToDomain.image("tags", tag)).toList(), wanted.dockerfile(),
                    wanted.arguments(), wanted.target(), wanted.noCache(), wanted.pull(), wanted.labels(), ToDomain.arch(wanted.arch()),
                    wanted.network().orElse(BuildSpec.NETWORK_DEFAULT),
                    wanted.logins().stream().map(ImageWords::login).toList(), wanted.secrets(), BuildSpec.Asked.NOTHING,
                    new BuildSpec.SharedSteps(wanted.cacheFrom().stream().map(name -> ToDomain.image("cacheFrom", name)).toList(),
                            wanted.cacheTo().map(name -> ToDomain.image("cacheTo", name)), wanted.cacheInline()));
        } catch (JsonException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The first line of the body is wrong: %s.".formatted(e.getMessage()), e);
        }
    }

    /// Begins with its first line: what fails before is said with a status.
    private static final class Reply implements BuildFeed.Sink {
        private final Call call;
        private boolean begun;

        Reply(Call call) {
            this.call = call;
        }

        void write(BuildEventV1 event) throws IOException {
            if (!begun) call.begin("application/x-ndjson");
            begun = true;
            call.write(false, ByteBuffer.wrap((event.toJson().toText() + "\n").getBytes(StandardCharsets.UTF_8)));
        }

        @Override public void take(BuildEvent event) throws IOException {
            write(switch (event) {
                case BuildEvent.Begun(int step, var name, _, _, _) -> BuildEventV1.of("begun", step, name);
                case BuildEvent.Output(int step, var bytes) -> BuildEventV1.of("output", step, new String(bytes, StandardCharsets.UTF_8));
                case BuildEvent.Done(int step, boolean cached, _) -> BuildEventV1.of(cached ? "cached" : "done", step, "");
                case BuildEvent.Failed(int step, var why) -> BuildEventV1.of("failed", step, why);
            });
        }

        @Override public void beat() throws IOException {
            if (begun) call.write(false, ByteBuffer.wrap(new byte[] {'\n'}));
        }
    }
}
