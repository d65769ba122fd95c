package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.Unpacking;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// `/containers` as far as the answers are streams: programs, logs, files, counters.
final class ContainerStreams {
    /// How long a guest may take to open a stream. Chosen: an emulated guest under load needs seconds.
    static final Duration OPEN_MAX = Duration.ofMinutes(1);
    private static final Duration HEAD_FIRST = Duration.ofMillis(20);
    private static final Duration COPY_MAX = Duration.ofHours(6);
    private static final int PIECE = 64 << 10;
    private static final int SIZE_MAX = 65_535;

    private final EngineAccess engines;
    private final Containers containers;

    ContainerStreams(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/containers/{id}/attach", this::attach),
                Route.get("/containers/{id}/attach/ws", this::attachWebSocket),
                Route.post("/containers/{id}/resize", this::resize),
                Route.get("/containers/{id}/logs", new ContainerLogs(engines, containers)::answer),
                Route.get("/containers/{id}/stats", new ContainerStats(engines, containers)::answer),
                Route.head("/containers/{id}/archive", this::stat),
                Route.get("/containers/{id}/archive", this::read),
                Route.put("/containers/{id}/archive", this::write));
    }

    private void attach(Exchange exchange) throws IOException, InterruptedException {
        attach(exchange, false);
    }

    /// Source: Docker Engine API, "Attach to a container via a websocket": no frames, whatever the container has.
    private void attachWebSocket(Exchange exchange) throws IOException, InterruptedException {
        var headers = exchange.request().getHeaders();
        if (!headers.contains("Upgrade", "websocket") || headers.get("Sec-WebSocket-Key") == null) throw new Refusal(400,
                "attach/ws is an upgrade to a WebSocket, and this request asks for none");
        attach(exchange, true);
    }

    private void attach(Exchange exchange, boolean webSocket) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var state = ContainerState.of(instance);
        if (state.word().equals("paused")) throw new Refusal(409,
                "Container %s is paused. Unpause the container before attach".formatted(instance.id()));
        var keys = DetachKeys.parse(exchange.text("detachKeys").orElse(DetachKeys.USUAL));
        boolean tty = instance.spec().process().tty();
        boolean stream = exchange.flag("stream");
        var session = new ProgramSession(tty, stream && exchange.flag("stdin") && instance.spec().process().stdin(),
                endsInput(instance), stream && exchange.flag("stdout"), stream && exchange.flag("stderr"), keys, webSocket);
        boolean logs = exchange.flag("logs");
        containers.tell(instance.id(), "attach", Map.of());
        var process = stream ? engines.get().attach(instance.id(), Deadline.in(OPEN_MAX)) : null;
        Hijack.begin(exchange, webSocket, Frames.type(tty), hijacked -> {
            var connection = webSocket ? new WebSocketDuplex(hijacked) : hijacked;
            // Clients that read the head of the answer with a buffer lose what comes in the same piece with it.
            if (logs) LockSupport.parkNanos(HEAD_FIRST.toNanos());
            if (logs) new ContainerLogs(engines, containers).replay(instance, new Frames(connection.output(), tty || webSocket));
            if (process == null) return;
            try (process) {
                session.run(process, connection, () -> { });
            }
        });
    }

    /// Source: Docker Engine API, `StdinOnce`; what Docker's clients did not make has its input once.
    private boolean endsInput(Instance instance) throws IOException {
        var asked = containers.asked().of(instance.id().value());
        return asked.members().isEmpty() || asked.bool("StdinOnce", false);
    }

    private void resize(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        if (!ContainerState.of(instance).isRunning()) throw new Refusal(409,
                "Container %s is not running".formatted(instance.id()));
        var size = size(exchange);
        try (var process = engines.get().attach(instance.id(), Deadline.in(OPEN_MAX))) {
            process.resize(size);
        }
        containers.tell(instance.id(), "resize", Map.of("height", Integer.toString(size.rows()), "width",
                Integer.toString(size.columns())));
        exchange.status(200);
    }

    /// @throws Refusal 400 height or width is missing or none
    static TerminalSize size(Exchange exchange) {
        long height = exchange.number("h").orElseThrow(() -> new Refusal(400, "invalid resize height \"\": invalid syntax"));
        long width = exchange.number("w").orElseThrow(() -> new Refusal(400, "invalid resize width \"\": invalid syntax"));
        return new TerminalSize(Math.clamp(width, 1, SIZE_MAX), Math.clamp(height, 1, SIZE_MAX));
    }

    // ---- files

    private void stat(Exchange exchange) throws IOException, InterruptedException {
        try (var tar = open(exchange)) {
            exchange.response().getHeaders().put("X-Docker-Container-Path-Stat", header(tar.first(), path(exchange)));
            exchange.response().getHeaders().put("Content-Type", "application/json");
            exchange.status(200);
        }
    }

    private void read(Exchange exchange) throws IOException, InterruptedException {
        try (var tar = open(exchange)) {
            exchange.response().getHeaders().put("X-Docker-Container-Path-Stat", header(tar.first(), path(exchange)));
            containers.tell(containers.find(exchange).id(), "archive-path", Map.of());
            exchange.begin("application/x-tar");
            var piece = new byte[PIECE];
            for (int count = tar.read(piece); count >= 0; count = tar.read(piece)) {
                if (count > 0) exchange.write(false, ByteBuffer.wrap(piece, 0, count));
            }
            exchange.end();
        }
    }

    private static String path(Exchange exchange) {
        var path = exchange.text("path").orElseThrow(() -> new Refusal(400, "bad parameter: path cannot be empty"));
        return path.startsWith("/") ? path : "/" + path;
    }

    private TarHead open(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var path = path(exchange);
        try {
            return TarHead.of(engines.get().readTar(instance.id(), path, Deadline.in(COPY_MAX)));
        } catch (Problem e) {
            throw e.code() == ErrorCode.NOT_FOUND ? missing(exchange, path) : e;
        }
    }

    private static Refusal missing(Exchange exchange, String path) {
        return new Refusal(404, "Could not find the file %s in container %s".formatted(path, exchange.value("id")));
    }

    private static String header(TarHead.Entry entry, String path) {
        var trimmed = path.replaceAll("/+$", "");
        var name = trimmed.isEmpty() ? "/" : trimmed.substring(trimmed.lastIndexOf('/') + 1);
        var json = new JsonObject().put("name", name).put("size", entry.size()).put("mode", entry.goMode())
                .put("mtime", entry.modified().toString()).put("linkTarget", entry.link());
        return Base64.getEncoder().encodeToString(json.toText().getBytes(StandardCharsets.UTF_8));
    }

    /// Whose the files become with `copyUIDGID`; empty where the container has no user. Source: moby, daemon, tarCopyOptions.
    private String user(Instance instance) throws IOException, InterruptedException {
        var own = instance.spec().process().user();
        if (own.isPresent()) return own.get();
        return engines.get().images().stream().filter(image -> image.digest().equals(instance.imageDigest())).findFirst()
                .map(image -> image.program().user()).orElse("");
    }

    private void write(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var path = path(exchange);
        var unpacking = new Unpacking(path, exchange.flag("copyUIDGID") ? user(instance) : "",
                exchange.flag("noOverwriteDirNonDir") ? Unpacking.Clash.REFUSED : Unpacking.Clash.REPLACED);
        try (var tar = engines.get().writeTar(instance.id(), unpacking, Deadline.in(COPY_MAX));
                InputStream body = exchange.bytes()) {
            body.transferTo(tar);
        } catch (Problem e) {
            throw e.code() == ErrorCode.NOT_FOUND ? missing(exchange, path) : e;
        }
        containers.tell(instance.id(), "extract-to-dir", Map.of());
        exchange.status(200);
    }
}
