package dev.hostal.docker;

import dev.hostal.base.Bytes;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.Care;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.ProcessSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// From the body of `POST /containers/create` to what is wanted of an instance.
///
/// Source: Docker Engine API, "Create a container".
final class CreateBody {
    /// Runtimes that stand for a container, and the one that stands for a virtual machine.
    private static final List<String> CONTAINER_RUNTIMES = List.of("", "runc", "crun", "io.containerd.runc.v2");
    static final String VM_RUNTIME = "vm";
    /// Source: dockerd's default.
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})([bkmgt])?(?:i?b)?");
    private static final Bytes VM_MEMORY = Bytes.mib(512);
    private static final Bytes DISK_SIZE = Bytes.gib(10);

    private final JsonObject body;
    private final JsonObject host;

    private CreateBody(JsonObject body) {
        this.body = body;
        this.host = body.findObject("HostConfig").orElseGet(JsonObject::new);
    }

    /// @throws Refusal 400 what Hostal cannot do is said, never passed over
    static InstanceSpec spec(JsonObject body, InstanceName name, Optional<Arch> platform) {
        return new CreateBody(body).spec(name, platform);
    }

    private InstanceSpec spec(InstanceName name, Optional<Arch> platform) {
        var image = body.findText("Image").filter(text -> !text.isEmpty())
                .orElseThrow(() -> new Refusal(400,
                        body.members().isEmpty() ? "Config cannot be empty in order to create a container"
                        : "No command specified"));
        var kind = kind();
        var config = new HostConfig(host, body);
        var spec = new InstanceSpec(name, kind, ImageReference.parse(image), platform, cpus(kind), memory(kind), DISK_SIZE,
                Boot.COMMAND, process(), hostname(), body.textMap("Labels"), host.bool("AutoRemove", false),
                body.has("StopTimeout") ? Duration.ofSeconds(Math.clamp(body.integer("StopTimeout"), 0, 3600)) : STOP_TIMEOUT,
                config.limits(), config.confinement(), care(), config.mounts(), config.nics(), config.ports());
        if (kind == Kind.VM) RuntimeVm.check(spec);
        return spec;
    }

    /// What is accepted and makes no difference.
    static List<String> warnings(JsonObject body) {
        var warnings = new ArrayList<String>();
        var host = body.findObject("HostConfig").orElseGet(JsonObject::new);
        boolean ports = host.findObject("PortBindings").map(bindings -> !bindings.members().isEmpty()).orElse(false);
        if (ports && host.findText("NetworkMode").orElse("").equals("host")) {
            warnings.add("Published ports are discarded when using host network mode");
        }
        var health = body.findObject("Healthcheck").orElseGet(JsonObject::new);
        if (health.has("StartInterval") && health.integer("StartInterval") != 0) {
            warnings.add("Healthcheck.StartInterval makes no difference: Hostal tests every Interval from the start");
        }
        return warnings;
    }

    private Kind kind() {
        var runtime = host.findText("Runtime").orElse("");
        if (runtime.equals(VM_RUNTIME)) return Kind.VM;
        if (CONTAINER_RUNTIMES.contains(runtime)) return Kind.CONTAINER;
        throw new Refusal(400, "unknown or invalid runtime name: " + runtime);
    }

    private int cpus(Kind kind) {
        long nanos = host.integer("NanoCpus", 0, Long.MAX_VALUE, 0);
        int all = Runtime.getRuntime().availableProcessors();
        if (kind == Kind.CONTAINER) return Math.min(all, InstanceSpec.CPUS_MAX);
        return nanos == 0 ? 1 : Math.clamp((nanos + 999_999_999) / 1_000_000_000, 1, InstanceSpec.CPUS_MAX);
    }

    private Bytes memory(Kind kind) {
        long wanted = host.integer("Memory", 0, Long.MAX_VALUE, 0);
        if (wanted == 0) return kind == Kind.VM ? VM_MEMORY : InstanceSpec.MEMORY_MAX;
        if (wanted < 6 << 20) throw new Refusal(400, "Minimum memory limit allowed is 6MB");
        if (kind == Kind.VM && wanted < InstanceSpec.MEMORY_MIN.count()) throw new Refusal(400,
                "Minimum memory of a virtual machine is " + InstanceSpec.MEMORY_MIN);
        return new Bytes(wanted);
    }

    private Optional<String> hostname() {
        var name = body.findText("Hostname").orElse("");
        var domain = body.findText("Domainname").orElse("");
        var host = this.host.findText("NetworkMode").orElse("");
        // Who is in the host's network, or another's, has the name that goes with it.
        if (name.isEmpty()) {
            return host.startsWith(NetworkSpec.JOINED) ? Optional.empty() : Optional.of(InstanceSpec.HOSTNAME_OF_ID);
        }
        return Optional.of(domain.isEmpty() ? name : name + "." + domain);
    }

    private ProcessSpec process() {
        return new ProcessSpec(entrypoint(), words(body, "Cmd"), env(body), nonEmpty(body, "User"),
                nonEmpty(body, "WorkingDir"), body.bool("Tty", false), body.bool("OpenStdin", false));
    }

    /// An entrypoint of one empty text takes the image's away.
    private Optional<List<String>> entrypoint() {
        if (!body.has("Entrypoint")) return Optional.empty();
        var words = words(body, "Entrypoint");
        if (words.isEmpty()) return Optional.empty();
        return Optional.of(words.equals(List.of("")) ? List.of() : words);
    }

    private Care care() {
        var restart = host.findObject("RestartPolicy").flatMap(CreateBody::restart).filter(policy -> !policy.equals("no"));
        if (restart.isPresent() && host.bool("AutoRemove", false)) {
            throw new Refusal(400, "can't create 'AutoRemove' container with restart policy");
        }
        var health = body.findObject("Healthcheck").orElseGet(JsonObject::new);
        var stop = nonEmpty(body, "StopSignal").map(signal -> signal.startsWith("SIG") ? signal.substring(3) : signal);
        return new Care(restart, stop, health.texts("Test"), nanos(health, "Interval"), nanos(health, "Timeout"),
                nanos(health, "StartPeriod"), health.has("Retries") && health.integer("Retries") > 0
                        ? Optional.of((int) health.integer("Retries", 0, Integer.MAX_VALUE)) : Optional.empty());
    }

    /// The policy in Hostal's words; empty where nothing is said.
    static Optional<String> restart(JsonObject policy) {
        var name = policy.findText("Name").orElse("");
        long times = policy.integer("MaximumRetryCount", 0, Integer.MAX_VALUE, 0);
        if (times > 0 && !name.equals("on-failure")) throw new Refusal(400,
                "invalid restart policy: maximum retry count can only be used with 'on-failure'");
        return switch (name) {
            case "" -> Optional.empty();
            case "on-failure" -> Optional.of(times > 0 ? "on-failure:" + times : name);
            case "no", "always", "unless-stopped" -> Optional.of(name);
            default -> throw new Refusal(400, "invalid restart policy: unknown policy '%s'".formatted(name));
        };
    }

    private static Optional<Duration> nanos(JsonObject json, String name) {
        long nanos = json.integer(name, 0, Long.MAX_VALUE, 0);
        if (nanos == 0) return Optional.empty();
        if (nanos < 1_000_000) throw new Refusal(400, "%s in Healthcheck cannot be less than 1ms".formatted(name));
        return Optional.of(Duration.ofNanos(nanos));
    }

    /// Source: go-units, RAMInBytes: a number with b, k, m, g or t.
    static long size(String text) {
        var form = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!form.matches()) throw new Refusal(400, "invalid size: '%s'".formatted(text));
        int shift = form.group(2) == null ? 0 : "bkmgt".indexOf(form.group(2)) * 10;
        return Math.multiplyExact(number("size", form.group(1)), 1L << shift);
    }

    static long number(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Refusal(400, "invalid value for %s: '%s' is not a whole number".formatted(name, text));
        }
    }

    /// An array of words; one text is one word, as the oldest clients send it.
    static List<String> words(JsonObject json, String name) {
        if (!json.has(name)) return List.of();
        return json.members().get(name) instanceof Json.Text(var text) ? List.of(text) : json.texts(name);
    }

    static Optional<String> nonEmpty(JsonObject json, String name) {
        return json.findText(name).filter(text -> !text.isEmpty());
    }

    /// Variables; one without a value is left out, as there is nothing that it could be taken from.
    static Map<String, String> env(JsonObject json) {
        var env = new LinkedHashMap<String, String>();
        for (var line : new ArrayList<>(json.texts("Env"))) {
            int equals = line.indexOf('=');
            if (equals == 0) throw new Refusal(400, "invalid environment variable: " + line);
            if (equals > 0) env.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return env;
    }
}
