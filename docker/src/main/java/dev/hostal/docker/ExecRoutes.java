package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceId;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// Programs beside a container's own: `/containers/{id}/exec` and `/exec`. They are known to this daemon only, as
/// they are to dockerd.
final class ExecRoutes {
    /// Sessions that are remembered; of those that have ended the oldest is forgotten first. Chosen.
    private static final int KEPT_MAX = 2000;
    private static final int KILLED = 137;
    /// Source: sh(1): it was found, and could not be run.
    private static final int NOT_RUN = 126;
    /// How long a program may live on after its output has ended, as far as a client waits for it. Chosen.
    private static final Duration EXIT_MAX = Duration.ofSeconds(10);

    /// Of an event. Source: dockerd.
    private static final String EXEC_ID = "execID";

    private final EngineAccess engines;
    private final Containers containers;
    private final RandomGenerator random;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private long count;

    ExecRoutes(EngineAccess engines, Containers containers, RandomGenerator random) {
        this.engines = engines;
        this.containers = containers;
        this.random = random;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/containers/{id}/exec", this::create),
                Route.post("/exec/{id}/start", this::start),
                Route.post("/exec/{id}/resize", this::resize),
                Route.get("/exec/{id}/json", this::inspect));
    }

    /// One program, from its creation on.
    private static final class Session {
        final String id;
        final long number;
        final InstanceId container;
        final JsonObject body;
        Optional<GuestProcess> process = Optional.empty();
        boolean started;
        boolean running;
        Optional<Integer> exitCode = Optional.empty();

        Session(String id, long number, InstanceId container, JsonObject body) {
            this.id = id;
            this.number = number;
            this.container = container;
            this.body = body;
        }

        synchronized void ended(int code) {
            running = false;
            exitCode = Optional.of(code);
            notifyAll();
        }

        /// A client asks for the exit code as soon as the output has ended.
        synchronized void awaitEnd() throws InterruptedException {
            var deadline = Deadline.in(EXIT_MAX);
            while (exitCode.isEmpty() && !deadline.isPast()) wait(Math.max(1, deadline.millisLeft()));
        }
    }

    private void create(Exchange exchange) throws IOException, InterruptedException {
        var body = exchange.body();
        var instance = containers.find(exchange);
        if (CreateBody.words(body, "Cmd").isEmpty()) throw new Refusal(400, "No exec command specified");
        var state = ContainerState.of(instance);
        if (state.word().equals("paused")) throw new Refusal(409,
                "Container %s is paused, unpause the container before exec".formatted(exchange.value("id")));
        if (!state.isRunning()) throw new Refusal(409, "container %s is not running".formatted(instance.id()));
        if (body.bool("Privileged", false) && !instance.spec().confinement().privileged()) throw new Refusal(400,
                "a program with more privileges than its container is not possible with Hostal: make the container with --privileged");
        CreateBody.nonEmpty(body, "DetachKeys").ifPresent(DetachKeys::parse);
        engines.get().expectExec(instance.id());
        var id = remember(instance.id(), body);
        containers.tell(instance.id(), "exec_create: " + String.join(" ", CreateBody.words(body, "Cmd")), Map.of(EXEC_ID, id));
        exchange.json(201, new JsonObject().put("Id", id));
    }

    private synchronized String remember(InstanceId container, JsonObject body) {
        if (sessions.size() >= KEPT_MAX) {
            sessions.values().stream().filter(session -> !session.running)
                    .min(Comparator.comparingLong(session -> session.number)).ifPresent(oldest -> sessions.remove(oldest.id));
        }
        var bytes = new byte[32];
        random.nextBytes(bytes);
        var id = HexFormat.of().formatHex(bytes);
        sessions.put(id, new Session(id, ++count, container, body));
        return id;
    }

    private Session find(Exchange exchange) {
        var id = exchange.value("id");
        return Optional.ofNullable(sessions.get(id)).orElseThrow(() -> Refusal.notFound("exec instance", id));
    }

    private void start(Exchange exchange) throws IOException, InterruptedException {
        var session = find(exchange);
        var body = exchange.body();
        // Who starts it says how the output comes, whatever who made it said of a terminal: so does dockerd.
        boolean raw = body.bool("Tty", false);
        synchronized (session) {
            if (session.started) throw new Refusal(409, "exec command %s has already run".formatted(session.id));
            session.started = true;
        }
        boolean detach = body.bool("Detach", false);
        if (detach) {
            var process = begin(session, body, true);
            // Nobody reads what it writes: it must not be held up by that.
            drain(process);
            exchange.status(200);
            return;
        }
        boolean stdin = session.body.bool("AttachStdin", false);
        var keys = DetachKeys.parse(CreateBody.nonEmpty(session.body, "DetachKeys").orElse(DetachKeys.USUAL));
        var streams = new ProgramSession(raw, stdin, true, session.body.bool("AttachStdout", false),
                session.body.bool("AttachStderr", false), keys, false);
        // The head of the answer first: a client may lose what comes in one piece with it.
        Hijack.begin(exchange, Frames.type(raw), connection -> {
            try {
                var process = begin(session, body, false);
                if (!stdin) closeStdin(process);
                streams.run(process, connection, session::awaitEnd);
            } catch (Problem | IOException e) {
                session.ended(NOT_RUN);
                refuse(connection, raw, e.getMessage());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Why nothing was started: in the stream, for the answer's head has been sent. Source: dockerd.
    private static void refuse(BlockingConnection connection, boolean raw, String why) {
        var bytes = (why + "\r\n").getBytes(StandardCharsets.UTF_8);
        try {
            new Frames(connection.output(), raw).send(Frames.STDOUT, bytes, bytes.length);
        } catch (IOException _) {
            // The client is gone.
        }
    }

    private GuestProcess begin(Session session, JsonObject body, boolean detach) throws IOException, InterruptedException {
        var wanted = session.body;
        boolean tty = wanted.bool("Tty", false);
        var spec = new ProcessSpec(Optional.empty(), CreateBody.words(wanted, "Cmd"), CreateBody.env(wanted),
                CreateBody.nonEmpty(wanted, "User"), CreateBody.nonEmpty(wanted, "WorkingDir"), tty,
                !detach && wanted.bool("AttachStdin", false));
        var size = size(body).or(() -> size(wanted));
        var process = engines.get().exec(session.container, spec, tty ? size : Optional.empty(),
                Deadline.in(ContainerStreams.OPEN_MAX));
        synchronized (session) {
            session.process = Optional.of(process);
            session.running = true;
        }
        containers.tell(session.container, "exec_start: " + String.join(" ", CreateBody.words(wanted, "Cmd")),
                Map.of(EXEC_ID, session.id));
        watch(session, process);
        return process;
    }

    /// `ConsoleSize` of a container or a program; empty where none was said.
    static Optional<TerminalSize> size(JsonObject json) {
        if (!json.has("ConsoleSize")) return Optional.empty();
        var sides = json.array("ConsoleSize");
        if (sides.size() != 2 || !(sides.get(0) instanceof Json.Number(var height))
                || !(sides.get(1) instanceof Json.Number(var width)) || height.signum() <= 0 || width.signum() <= 0) {
            return Optional.empty();
        }
        return Optional.of(new TerminalSize(width.intValue(), height.intValue()));
    }

    /// Notes how it ends, and lets go of it then.
    private void watch(Session session, GuestProcess process) {
        Thread.ofVirtual().name("docker-exec-end").start(() -> {
            int code = KILLED;
            try {
                code = process.waitForExit().code();
            } catch (IOException | InterruptedException _) {
                // The container ended beneath it.
            }
            session.ended(code);
            try {
                containers.tell(session.container, "exec_die", Map.of(EXEC_ID, session.id, "exitCode", Integer.toString(code)));
            } catch (InterruptedException _) {
                // Nobody interrupts this thread.
            }
        });
    }

    private static void drain(GuestProcess process) {
        closeStdin(process);
        for (var stream : List.of(process.stdout(), process.stderr())) {
            Thread.ofVirtual().name("docker-exec-drain").start(() -> {
                try (stream) {
                    stream.transferTo(OutputStream.nullOutputStream());
                } catch (IOException _) {
                    // It has ended.
                }
            });
        }
    }

    private static void closeStdin(GuestProcess process) {
        try {
            process.stdin().close();
        } catch (IOException _) {
            // It has ended already.
        }
    }

    private void resize(Exchange exchange) throws IOException {
        var session = find(exchange);
        var size = ContainerStreams.size(exchange);
        Optional<GuestProcess> process;
        synchronized (session) {
            process = session.running ? session.process : Optional.empty();
        }
        process.orElseThrow(() -> new Refusal(400, "exec process %s is not running".formatted(session.id))).resize(size);
        exchange.status(200);
    }

    private void inspect(Exchange exchange) throws IOException {
        var session = find(exchange);
        JsonObject json;
        synchronized (session) {
            var body = session.body;
            var words = CreateBody.words(body, "Cmd");
            var process = new JsonObject().put("tty", body.bool("Tty", false)).put("entrypoint", words.getFirst())
                    .putTexts("arguments", words.subList(1, words.size())).put("privileged", body.bool("Privileged", false));
            CreateBody.nonEmpty(body, "User").ifPresent(user -> process.put("user", user));
            json = new JsonObject().put("ID", session.id).put("Running", session.running)
                    .put("ExitCode", session.exitCode.<Json>map(code -> Json.of(code)).orElseGet(Json.Null::new))
                    .put("ProcessConfig", process).put("OpenStdin", body.bool("AttachStdin", false))
                    .put("OpenStderr", body.bool("AttachStderr", false)).put("OpenStdout", body.bool("AttachStdout", false))
                    .put("CanRemove", false).put("ContainerID", session.container.value()).put("DetachKeys", "")
                    .put("Pid", session.running ? 1 : 0);
        }
        exchange.json(200, json);
    }
}
