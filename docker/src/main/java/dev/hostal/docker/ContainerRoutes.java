package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// One container at a time, as far as the answers are JSON. Of many at once: [ContainerListRoutes].
final class ContainerRoutes {
    private final EngineAccess engines;
    private final Containers containers;
    private final RandomGenerator random;

    ContainerRoutes(EngineAccess engines, Containers containers, RandomGenerator random) {
        this.engines = engines;
        this.containers = containers;
        this.random = random;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/containers/create", this::create),
                Route.get("/containers/{id}/json", this::inspect),
                Route.delete("/containers/{id}", this::delete),
                Route.delete("/containers/{id}/{alias}", this::unlink),
                Route.post("/containers/{id}/start", this::start),
                Route.post("/containers/{id}/stop", this::stop),
                Route.post("/containers/{id}/restart", this::restart),
                Route.post("/containers/{id}/kill", this::kill),
                Route.post("/containers/{id}/pause", exchange -> act(exchange, Engine::pause)),
                Route.post("/containers/{id}/unpause", exchange -> act(exchange, Engine::resume)),
                Route.post("/containers/{id}/rename", this::rename),
                Route.post("/containers/{id}/wait", new ContainerWait(engines, containers)::answer));
    }

    private void create(Exchange exchange) throws IOException, InterruptedException {
        var platform = exchange.text("platform").map(Platforms::arch);
        var body = exchange.body();
        Conflicts.check(body);
        var engine = engines.get();
        var completion = new Completion(engine, containers);
        completion.withImage(body, platform);
        var resolved = completion.resolved(body);
        Problem taken = null;
        for (int attempt = 0; attempt < 10; attempt++) {
            var wanted = exchange.text("name").map(name -> name.startsWith("/") ? name.substring(1) : name);
            var name = name(wanted.orElseGet(() -> Names.next(random)));
            var spec = CreateBody.spec(resolved, name, platform);
            try {
                // The image is the client's business: dockerd, too, says that there is none, and clients pull then.
                var operation = engine.create(spec, Engine.Pull.NEVER);
                containers.await(operation);
                containers.asked().keep(operation.target(), body);
                containers.asked().forgetGone(() -> engine.list().stream().map(one -> one.id().value())
                        .collect(Collectors.toSet()));
                exchange.json(201, new JsonObject().put("Id", operation.target())
                        .putTexts("Warnings", CreateBody.warnings(body)));
                return;
            } catch (Problem e) {
                if (e.code() == ErrorCode.IMAGE_NOT_FOUND) {
                    throw new Refusal(404, "No such image: " + spec.image().familiar());
                }
                if (e.code() != ErrorCode.NAME_IN_USE) throw e;
                if (wanted.isPresent()) throw nameInUse(engine, name);
                taken = e;
            }
        }
        throw Refusal.of(taken);
    }

    private static Refusal nameInUse(Engine engine, InstanceName name) {
        var id = engine.list().stream().filter(one -> one.name().equals(name)).map(one -> one.id().value()).findFirst();
        return new Refusal(409, "Conflict. The container name \"/%s\" is already in use by container \"%s\". You have to remove (or rename) that container to be able to reuse that name."
                .formatted(name, id.orElse("")));
    }

    private static InstanceName name(String text) {
        try {
            return new InstanceName(text);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed".formatted(text));
        }
    }

    private void inspect(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var json = containers.json(instance).inspected(engines.get().upkeep().running(instance.id()));
        if (exchange.flag("size")) containers.putSizes(instance, json);
        exchange.json(200, json);
    }

    private void start(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var state = ContainerState.of(instance);
        if (state.word().equals("running")) {
            exchange.status(304);
            return;
        }
        if (state.word().equals("paused")) throw new Refusal(409, "cannot start a paused container, try unpause instead");
        containers.await(engines.get().start(instance.id()));
        containers.awaitProgram(instance.id());
        resize(instance);
        exchange.status(204);
    }

    /// Source: Docker Engine API, `ConsoleSize`: the terminal's from the beginning, height first.
    private void resize(Instance instance) throws IOException, InterruptedException {
        if (!instance.spec().process().tty()) return;
        var host = containers.asked().of(instance.id().value()).findObject("HostConfig").orElseGet(JsonObject::new);
        var size = ExecRoutes.size(host);
        if (size.isEmpty()) return;
        try (var process = engines.get().attach(instance.id(), Deadline.in(ContainerStreams.OPEN_MAX))) {
            process.resize(size.get());
        } catch (Problem | IOException _) {
            // It has ended already: its terminal is nobody's any more.
        }
    }

    private void stop(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        if (!ContainerState.of(instance).isRunning()) {
            exchange.status(304);
            return;
        }
        containers.await(engines.get().stop(instance.id(), timeout(exchange), signal(exchange)));
        exchange.status(204);
    }

    private void restart(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        containers.await(engines.get().restart(instance.id(), timeout(exchange), signal(exchange)));
        containers.awaitProgram(instance.id());
        containers.tell(instance.id(), "restart", Map.of());
        exchange.status(204);
    }

    /// -1 is for ever, which here is an hour.
    private static Optional<Duration> timeout(Exchange exchange) {
        return exchange.number("t").map(seconds -> Duration.ofSeconds(seconds < 0 ? 3600 : Math.min(seconds, 3600)));
    }

    /// Source: Docker Engine API from 1.42 on: the signal that asks it to end.
    private static Optional<String> signal(Exchange exchange) {
        return exchange.text("signal").map(text -> Signals.name(text.toUpperCase(Locale.ROOT)));
    }

    private void kill(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var text = exchange.text("signal").orElse("KILL").toUpperCase(Locale.ROOT);
        var signal = Signals.name(text);
        if (!ContainerState.of(instance).isRunning()) {
            throw new Refusal(409, "cannot kill container: %s: container %s is not running".formatted(exchange.value("id"), instance.id()));
        }
        var engine = engines.get();
        containers.tell(instance.id(), "kill", Map.of("signal", Signals.number(signal)));
        containers.await(engine.kill(instance.id(), signal));
        if (signal.equals("KILL")) engine.waitForExit(instance.id(), Deadline.in(Duration.ofSeconds(10)));
        exchange.status(204);
    }

    private void act(Exchange exchange, BiFunction<Engine, InstanceId, Operation> act) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var state = ContainerState.of(instance);
        boolean pausing = exchange.request().getHttpURI().getPath().endsWith("/pause");
        if (!state.isRunning()) throw new Refusal(409, "container %s is not running".formatted(instance.id()));
        if (pausing == state.word().equals("paused")) throw new Refusal(pausing ? 409 : 500,
                "Container %s is %s paused".formatted(instance.id(), pausing ? "already" : "not"));
        containers.await(act.apply(engines.get(), instance.id()));
        exchange.status(204);
    }

    private void rename(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var text = exchange.text("name").orElseThrow(() -> new Refusal(400, "Neither old nor new names may be empty"));
        var name = name(text.startsWith("/") ? text.substring(1) : text);
        var engine = engines.get();
        if (instance.name().equals(name)) throw new Refusal(400, "Renaming a container with the same name as its current name");
        try {
            engine.rename(instance.id(), name);
        } catch (Problem e) {
            throw e.code() == ErrorCode.NAME_IN_USE ? nameInUse(engine, name) : e;
        }
        exchange.status(204);
    }

    private void delete(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        if (exchange.flag("link")) throw new Refusal(409, "Conflict, cannot remove the default link name of the container");
        boolean force = exchange.flag("force");
        var state = ContainerState.of(instance);
        if (state.isRunning() && !force) {
            var what = state.word().equals("paused") ? "container is paused and must be unpaused first"
                    : "container is running: stop the container before removing or force remove";
            throw new Refusal(409, "cannot remove container \"/%s\": %s".formatted(instance.name(), what));
        }
        if (state.word().equals("removing")) throw new Refusal(409,
                "removal of container %s is already in progress".formatted(exchange.value("id")));
        if (exchange.flag("v")) engines.get().volumes().leaveWith(instance.id());
        containers.await(engines.get().delete(instance.id(), force));
        exchange.status(204);
    }

    /// Source: docker rm, `--link`: the name of a link is that of the container, a slash and the alias.
    private void unlink(Exchange exchange) throws InterruptedException, IOException {
        if (!exchange.flag("link")) throw new Refusal(404, "page not found");
        var instance = containers.find(exchange);
        try {
            engines.get().networks().unlink(instance.id(), exchange.value("alias"));
        } catch (Problem e) {
            throw e.code() == ErrorCode.NOT_FOUND
                    ? new Refusal(404, "No such link: /%s/%s".formatted(instance.name(), exchange.value("alias"))) : e;
        }
        exchange.status(204);
    }
}
