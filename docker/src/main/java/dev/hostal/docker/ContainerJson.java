package dev.hostal.docker;

import dev.hostal.core.Upkeep;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.HealthCheck;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Link;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.PluggedNic;
import dev.hostal.spi.Images;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// An instance in Docker's words.
///
/// Source: Docker Engine API, "Inspect a container" and "List containers".
///
/// @param image what it was made from, as far as it is still here
/// @param connections its NICs and ports
/// @param asked the body that made it, as far as it is known
/// @param places where a volume of that name lies on the host
record ContainerJson(Instance instance, Optional<Images.Image> image, Connections connections, JsonObject asked,
        UnaryOperator<String> places) {
    /// What a container does not see, and cannot write. Source: OCI runtime-spec, as container engines set it.
    private static final List<String> MASKED = List.of("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys",
            "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private static final long UNLIMITED = InstanceSpec.MEMORY_MAX.count();

    // ---- inspected

    /// @param running what is known of its machine
    JsonObject inspected(Upkeep.Running running) {
        var spec = instance.spec();
        var argv = argv();
        var config = config();
        return new JsonObject().put("Id", instance.id().value()).put("Created", instance.createdAt().toString())
                .put("Path", argv.isEmpty() ? "" : argv.getFirst())
                .putTexts("Args", argv.isEmpty() ? List.of() : argv.subList(1, argv.size()))
                .put("State", state().toJson(instance, running, isTested())).put("Image", instance.imageDigest())
                .put("ResolvConfPath", "").put("HostnamePath", "").put("HostsPath", "").put("LogPath", "")
                .put("Name", "/" + spec.name()).put("RestartCount", instance.course().restarts()).put("Driver", "overlay2")
                .put("Platform", "linux").put("MountLabel", "").put("ProcessLabel", "").put("AppArmorProfile", "")
                .put("ExecIDs", new Json.Null()).put("HostConfig", hostConfig())
                .put("GraphDriver", new JsonObject().put("Name", "overlay2").put("Data", new JsonObject()))
                .putObjects("Mounts", Mounts.inspected(spec.mounts(), places)).put("Config", config)
                .put("NetworkSettings", connections.settings());
    }

    private ContainerState state() {
        return ContainerState.of(instance);
    }

    private boolean isTested() {
        return instance.spec().care().health(program().map(Images.Program::health).orElse(HealthCheck.NONE)).command()
                .isPresent();
    }

    /// The program with its arguments, as it is started.
    private List<String> argv() {
        var process = instance.spec().process();
        var argv = new ArrayList<>(process.entrypoint().orElse(program().map(Images.Program::entrypoint).orElse(List.of())));
        argv.addAll(command());
        return argv;
    }

    private List<String> command() {
        var process = instance.spec().process();
        if (!process.command().isEmpty() || process.entrypoint().isPresent()) return process.command();
        return program().map(Images.Program::command).orElse(List.of());
    }

    private Optional<Images.Program> program() {
        return image.map(Images.Image::program);
    }

    private JsonObject config() {
        var spec = instance.spec();
        var process = spec.process();
        var env = new ArrayList<String>();
        var own = new TreeMap<>(process.env());
        own.forEach((name, value) -> env.add(name + "=" + value));
        program().ifPresent(program -> program.env().stream()
                .filter(line -> !own.containsKey(line.split("=", 2)[0])).forEach(env::add));
        if (env.stream().noneMatch(line -> line.startsWith("PATH="))) {
            env.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        }
        var labels = new TreeMap<>(image.map(Images.Image::labels).orElse(Map.of()));
        labels.putAll(spec.labels());
        var entrypoint = process.entrypoint().or(() -> program().map(Images.Program::entrypoint)).orElse(List.of());
        boolean streams = process.stdin();
        var exposed = new JsonObject();
        Ports.bindings(spec.ports()).members().keySet().forEach(port -> exposed.put(port, new JsonObject()));
        var json = new JsonObject().put("Hostname", spec.hostname().orElse(instance.id().brief())).put("Domainname", "")
                .put("User", process.user().or(() -> program().map(Images.Program::user)).orElse(""))
                .put("AttachStdin", streams).put("AttachStdout", true).put("AttachStderr", true);
        if (!exposed.members().isEmpty()) json.put("ExposedPorts", exposed);
        json.put("Tty", process.tty()).put("OpenStdin", process.stdin()).put("StdinOnce", process.stdin())
                .putTexts("Env", env).put("Cmd", textsOrNull(command())).put("Image", spec.image().familiar())
                .put("Volumes", volumes())
                .put("WorkingDir", process.workdir().or(() -> program().map(Images.Program::workdir)).orElse(""))
                .put("Entrypoint", textsOrNull(entrypoint)).put("OnBuild", new Json.Null()).putTexts("Labels", labels);
        spec.care().stopSignal().ifPresent(signal -> json.put("StopSignal", "SIG" + signal));
        if (asked.members().isEmpty()) json.put("StopTimeout", spec.stopTimeout().toSeconds());
        if (!spec.care().healthCommand().isEmpty()) json.put("Healthcheck", healthcheck());
        Asked.overConfig(json, asked);
        return json;
    }

    private JsonObject healthcheck() {
        var care = instance.spec().care();
        var json = new JsonObject().putTexts("Test", care.healthCommand());
        put(json, "Interval", care.healthInterval());
        put(json, "Timeout", care.healthTimeout());
        put(json, "StartPeriod", care.healthStartPeriod());
        care.healthRetries().ifPresent(count -> json.put("Retries", count));
        return json;
    }

    private static void put(JsonObject json, String name, Optional<Duration> time) {
        time.ifPresent(value -> json.put(name, value.toNanos()));
    }

    private Json volumes() {
        var volumes = new JsonObject();
        instance.spec().mounts().stream().filter(mount -> mount.type().equals("volume") && mount.source().isEmpty())
                .forEach(mount -> volumes.put(mount.target(), new JsonObject()));
        return volumes.members().isEmpty() ? new Json.Null() : Json.of(volumes);
    }

    static Json textsOrNull(List<String> texts) {
        return texts.isEmpty() ? new Json.Null() : Json.ofTexts(texts);
    }

    static Json textsOrNull(Map<String, String> texts) {
        var json = new JsonObject();
        new TreeMap<>(texts).forEach(json::put);
        return texts.isEmpty() ? new Json.Null() : Json.of(json);
    }

    private JsonObject hostConfig() {
        var spec = instance.spec();
        var limits = spec.limits();
        var confinement = spec.confinement();
        var restart = spec.care().restart().orElse("no");
        var policy = restart.split(":", 2);
        var security = new ArrayList<String>();
        if (confinement.noNewPrivileges()) security.add("no-new-privileges");
        confinement.seccomp().ifPresent(profile -> security.add("seccomp=" + profile));
        var tmpfs = new JsonObject();
        spec.mounts().stream().filter(mount -> mount.type().equals("tmpfs")).forEach(mount -> tmpfs.put(mount.target(),
                mount.options().entrySet().stream().map(option -> option.getKey() + "=" + option.getValue())
                        .reduce((a, b) -> a + "," + b).orElse("")));
        long memory = spec.memory().count();
        var json = new JsonObject().put("Binds", textsOrNull(Mounts.binds(spec.mounts()))).put("ContainerIDFile", "")
                .put("LogConfig", new JsonObject().put("Type", "json-file").put("Config", new JsonObject()))
                .put("NetworkMode", connections.mode())
                .put("PortBindings", spec.ports().isEmpty() ? nothing() : Json.of(Ports.bindings(spec.ports())))
                .put("RestartPolicy", new JsonObject().put("Name", policy[0])
                        .put("MaximumRetryCount", policy.length > 1 ? Integer.parseInt(policy[1]) : 0))
                .put("AutoRemove", spec.autoRemove()).put("VolumeDriver", "").put("VolumesFrom", new Json.Null())
                .put("CapAdd", textsOrNull(confinement.capAdd())).put("CapDrop", textsOrNull(confinement.capDrop()))
                .put("CgroupnsMode", "private").put("Dns", texts(confinement.dns()))
                .put("DnsOptions", texts(confinement.dnsOptions()))
                .put("DnsSearch", texts(confinement.dnsSearch()))
                .put("ExtraHosts", textsOrNull(confinement.extraHosts())).put("GroupAdd", textsOrNull(confinement.groups()))
                .put("IpcMode", confinement.ipcNamespace().orElse("private")).put("Cgroup", "").put("Links", links())
                .put("OomScoreAdj", limits.oomScoreAdj().orElse(0)).put("PidMode", confinement.pidNamespace().orElse(""))
                .put("Privileged", confinement.privileged()).put("PublishAllPorts", false)
                .put("ReadonlyRootfs", confinement.readOnlyRoot()).put("SecurityOpt", textsOrNull(security))
                .put("UTSMode", confinement.utsNamespace().orElse("")).put("UsernsMode", confinement.userNamespace().orElse(""))
                .put("ShmSize", confinement.shmSize().map(bytes -> bytes.count()).orElse(64L << 20))
                .put("Runtime", spec.kind() == Kind.VM ? CreateBody.VM_RUNTIME : "runc").put("Isolation", "");
        if (!tmpfs.members().isEmpty()) json.put("Tmpfs", tmpfs);
        if (!confinement.sysctls().isEmpty()) json.putTexts("Sysctls", confinement.sysctls());
        boolean open = confinement.privileged() || confinement.openPaths();
        json.put("CpuShares", limits.cpuWeight().map(HostConfig::shares).orElse(0L))
                .put("Memory", spec.kind() == Kind.CONTAINER && memory >= UNLIMITED ? 0 : memory)
                .put("NanoCpus", limits.cpuQuota().map(count -> Math.round(count * 1e9)).orElse(0L)).put("CgroupParent", "")
                .put("BlkioWeight", limits.ioWeight().map(weight -> weight / 10).orElse(0))
                .put("CpuPeriod", 0).put("CpuQuota", 0).put("CpusetCpus", limits.cpuset().orElse("")).put("CpusetMems", "")
                .put("Devices", devices()).put("MemoryReservation",
                        limits.memoryReservation().map(bytes -> bytes.count()).orElse(0L))
                .put("MemorySwap", limits.memorySwap().map(bytes -> bytes.count()).orElse(0L))
                .put("MemorySwappiness", new Json.Null()).put("OomKillDisable", false)
                .put("PidsLimit", limits.pids().<Json>map(count -> Json.of(count)).orElseGet(Json.Null::new))
                .put("Ulimits", ulimits()).put("CpuCount", 0).put("CpuPercent", 0)
                .put("BlkioWeightDevice", nothing()).put("BlkioDeviceReadBps", nothing()).put("BlkioDeviceWriteBps", nothing())
                .put("BlkioDeviceReadIOps", nothing()).put("BlkioDeviceWriteIOps", nothing()).put("CpuRealtimePeriod", 0)
                .put("CpuRealtimeRuntime", 0).put("DeviceCgroupRules", nothing()).put("DeviceRequests", nothing())
                .put("IOMaximumBandwidth", 0).put("IOMaximumIOps", 0)
                .put("ConsoleSize", new Json.Array(List.of(Json.of(0), Json.of(0))))
                .putTexts("MaskedPaths", open ? List.of() : MASKED).putTexts("ReadonlyPaths", open ? List.of() : READ_ONLY);
        if (confinement.reaper()) json.put("Init", true);
        Asked.overHost(json, asked);
        return json;
    }

    /// As `/NAME:/OWN/ALIAS`, those of the usual network.
    private Json links() {
        var all = connections.nics().stream().map(PluggedNic::wanted).filter(nic -> nic.network().equals(NetworkSpec.DEFAULT))
                .flatMap(nic -> Link.of(nic).stream())
                .map(link -> "/%s:/%s/%s".formatted(link.instance(), instance.name(), link.alias())).toList();
        return textsOrNull(all);
    }

    private static Json nothing() {
        return new Json.Null();
    }

    private Json texts(List<String> texts) {
        return asked.members().isEmpty() ? Json.ofTexts(texts) : textsOrNull(texts);
    }

    private Json devices() {
        var all = new ArrayList<Json>();
        for (var text : instance.spec().confinement().devices()) {
            var parts = text.split(":");
            all.add(Json.of(new JsonObject().put("PathOnHost", parts[0])
                    .put("PathInContainer", parts.length > 1 ? parts[1] : parts[0])
                    .put("CgroupPermissions", parts.length > 2 ? parts[2] : "rwm")));
        }
        return all.isEmpty() ? nothing() : new Json.Array(all);
    }

    private Json ulimits() {
        var all = new ArrayList<Json>();
        instance.spec().limits().ulimits().forEach((name, text) -> {
            var parts = text.split(":", 2);
            all.add(Json.of(new JsonObject().put("Name", name).put("Soft", Long.parseLong(parts[0]))
                    .put("Hard", Long.parseLong(parts[parts.length - 1]))));
        });
        return all.isEmpty() ? new Json.Null() : new Json.Array(all);
    }

    // ---- listed

    /// As a shell would have it. Source: moby, as it lists a command.
    private static String quoted(String word) {
        return word.indexOf(' ') < 0 ? word : "'" + word.replace("'", "\\'") + "'";
    }

    JsonObject listed(Instant now) {
        var spec = instance.spec();
        var labels = new TreeMap<>(image.map(Images.Image::labels).orElse(Map.of()));
        labels.putAll(spec.labels());
        if (spec.kind() == Kind.VM) labels.put("dev.hostal.kind", "vm");
        var state = state();
        return new JsonObject().put("Id", instance.id().value()).putTexts("Names", List.of("/" + spec.name()))
                .put("Image", asked.findText("Image").orElse(spec.image().familiar())).put("ImageID", instance.imageDigest())
                .put("Command", argv().stream().map(ContainerJson::quoted).collect(Collectors.joining(" ")))
                .put("Created", instance.createdAt().getEpochSecond())
                .put("Ports", new Json.Array(connections.listedPorts()))
                .putTexts("Labels", labels).put("State", state.word()).put("Status", state.text(instance, now))
                .put("HostConfig", new JsonObject().put("NetworkMode", connections.mode()))
                .put("NetworkSettings", new JsonObject().put("Networks", connections.endpoints()))
                .putObjects("Mounts", Mounts.inspected(spec.mounts(), places));
    }
}
