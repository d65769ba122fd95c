package dev.hostal.daemon.http;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// `/v1/instances` as far as the answers are JSON.
final class InstanceRoutes {
    /// What may stand in a path for an instance: a name or (the beginning of) an id.
    private static final Pattern REF = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final Set<String> PHASES =
            Set.of("stopped", "starting", "running", "paused", "stopping", "suspended", "failed", "deleting");
    /// Longest time that one `wait` waits. Chosen.
    private static final Duration WAIT_MAX = Duration.ofHours(1);
    private static final Duration WAIT_DEFAULT = Duration.ofMinutes(1);
    private static final byte[] NEWLINE = {'\n'};

    private final EngineSource engines;
    private final NewNames names;
    private final Sockets sockets;
    private final InstancePictures pictures = new InstancePictures();

    InstanceRoutes(EngineSource engines, NewNames names, Sockets sockets) {
        this.engines = engines;
        this.names = names;
        this.sockets = sockets;
    }

    Map<String, Endpoint> endpoints() {
        return Map.ofEntries(
                Map.entry("instances", this::list),
                Map.entry("instanceCreate", this::create),
                Map.entry("instance", call -> show(call, find(call))),
                Map.entry("instanceDelete", call -> act(call, (engine, id) -> engine.delete(id, call.query().flag("force")))),
                Map.entry("instanceStart", call -> act(call, (engine, id) -> engine.start(id, call.query().flag("cold")))),
                Map.entry("instanceStop", call -> act(call, (engine, id) -> engine.stop(id, timeout(call)))),
                Map.entry("instanceKill", call -> act(call, (engine, id) -> engine.kill(id,
                        ToDomain.signal("signal", call.query().text("signal").orElse("KILL"))))),
                Map.entry("instanceRestart", call -> act(call, (engine, id) -> engine.restart(id, timeout(call)))),
                Map.entry("instancePause", call -> act(call, Engine::pause)),
                Map.entry("instanceSuspend", call -> act(call, Engine::suspend)),
                Map.entry("instanceResume", call -> act(call, Engine::resume)),
                Map.entry("instanceRename", this::rename),
                Map.entry("instanceWait", this::waitForExit),
                Map.entry("instanceStats", this::stats));
    }

    /// The instance that the path names.
    ///
    /// @throws Problem INSTANCE_NOT_FOUND
    Instance find(Call call) throws InterruptedException {
        return find(call.value("ref"));
    }

    /// What may stand for a thing that has a name or an id.
    static boolean isRef(String text) {
        return REF.matcher(text).matches();
    }

    /// @throws Problem INSTANCE_NOT_FOUND
    Instance find(String ref) throws InterruptedException {
        if (!REF.matcher(ref).matches()) {
            throw new Problem(ErrorCode.INSTANCE_NOT_FOUND,
                    "There is no instance '%s': that is neither a name nor an id.".formatted(ref));
        }
        return engines.get().get(ref);
    }

    private void list(Call call) throws IOException, InterruptedException {
        var all = engines.get().list();
        pictures.prune(all);
        var wanted = filter(call);
        var shown = wanted.isEmpty() ? all : all.stream().filter(wanted.get()).toList();
        call.reply(200, "application/json", pictures.list(shown));
    }

    private static Optional<Predicate<Instance>> filter(Call call) {
        var phase = call.query().text("phase");
        if (phase.isPresent() && !PHASES.contains(phase.get())) {
            throw Problem.badMember("phase", "'%s' is not a phase: %s.".formatted(phase.get(), String.join(", ",
                    PHASES.stream().sorted().toList())));
        }
        var label = call.query().text("label");
        if (phase.isEmpty() && label.isEmpty()) return Optional.empty();
        return Optional.of(instance -> phase.map(instance.phase().word()::equals).orElse(true)
                && label.map(text -> hasLabel(instance, text)).orElse(true));
    }

    /// @param text `name` or `name=value`
    private static boolean hasLabel(Instance instance, String text) {
        int equals = text.indexOf('=');
        if (equals < 0) return instance.spec().labels().containsKey(text);
        return text.substring(equals + 1).equals(instance.spec().labels().get(text.substring(0, equals)));
    }

    private void create(Call call) throws IOException, InterruptedException {
        var body = CreateInstanceV1.from(call.body());
        call.operation(ToWire.operation(create(engines.get(), body, ImageWords.login(call), false)));
    }

    /// Under its own name, or one that is made up.
    ///
    /// @param runs it is started at once
    Operation create(Engine engine, CreateInstanceV1 body, Optional<RegistryLogin> login, boolean runs) {
        var pull = ToDomain.pull(body);
        Function<InstanceSpec, Operation> create = runs ? spec -> engine.createToRun(spec, pull, login)
                : spec -> engine.create(spec, pull, login);
        if (body.name().isEmpty()) {
            return createNamed(ToDomain.spec(body, names.next(), engine.defaultKind()), create);
        }
        return create.apply(ToDomain.spec(body, ToDomain.name(body.name().get()), engine.defaultKind()));
    }

    private Operation createNamed(InstanceSpec spec, Function<InstanceSpec, Operation> create) {
        for (int attempt = 1; ; attempt++) {
            try {
                return create.apply(spec.named(names.next()));
            } catch (Problem problem) {
                if (problem.code() != ErrorCode.NAME_IN_USE || attempt == NewNames.ATTEMPTS_MAX) throw problem;
            }
        }
    }

    private void act(Call call, BiFunction<Engine, InstanceId, Operation> verb) throws IOException, InterruptedException {
        call.noBody();
        var id = find(call).id();
        call.operation(ToWire.operation(verb.apply(engines.get(), id)));
    }

    private static Optional<Duration> timeout(Call call) {
        return call.query().seconds("timeout", InstanceSpec.STOP_TIMEOUT_MAX);
    }

    private void rename(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("name");
        var name = ToDomain.name(body.text("name"));
        show(call, engines.get().rename(find(call).id(), name));
    }

    private void waitForExit(Call call) throws IOException, InterruptedException {
        var wait = call.query().seconds("timeout", WAIT_MAX).orElse(WAIT_DEFAULT);
        var id = find(call).id();
        var engine = engines.get();
        try (var _ = sockets.attendance().enter()) {
            call.begin("application/json");
            var deadline = Deadline.in(wait);
            var exit = engine.waitForExit(id, deadline.orIn(sockets.heartbeat()));
            while (exit.isEmpty() && !deadline.isPast()) {
                // White space before JSON means nothing, and finds whether somebody still waits.
                call.write(false, ByteBuffer.wrap(NEWLINE));
                exit = engine.waitForExit(id, deadline.orIn(sockets.heartbeat()));
            }
            var body = new JsonObject();
            exit.ifPresent(status -> body.put("exitStatus", status.code()));
            call.write(true, ByteBuffer.wrap((body.toText() + "\n").getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void stats(Call call) throws IOException, InterruptedException {
        var instance = find(call);
        call.json(ToWire.stats(instance, engines.get().stats(instance.id())).toJson());
    }

    private void show(Call call, Instance instance) throws IOException {
        var json = pictures.of(instance);
        var body = Arrays.copyOf(json, json.length + 1);
        body[json.length] = '\n';
        call.reply(200, "application/json", body);
    }
}
