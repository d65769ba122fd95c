package dev.hostal.docker;

import dev.hostal.base.Bytes;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Confinement;
import dev.hostal.model.Limits;
import dev.hostal.model.Link;
import dev.hostal.model.Mount;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PublishedPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// `HostConfig` of a container: its limits, its confinement, and what it is joined with. A member that Hostal does
/// not know how to honour is refused where it asks for anything.
///
/// Source: Docker Engine API, definition HostConfig.
final class HostConfig {
    /// Members that ask for something Hostal has no way to do.
    private static final List<String> REFUSED = List.of("VolumesFrom", "CgroupParent", "Cgroup",
            "DeviceRequests", "StorageOpt", "Isolation", "BlkioWeightDevice",
            "CpuRealtimePeriod", "CpuRealtimeRuntime", "CpusetMems", "KernelMemory", "KernelMemoryTCP", "OomKillDisable",
            "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth");
    /// The driver of logs that keeps none: what must be kept for those who are attached is kept, and nobody reads more.
    static final String NO_LOG = "none";
    /// What is the same as not being asked for.
    private static final Set<String> NOTHING = Set.of("", "default", "private", "local");

    private static final Pattern DEVICE_RULE = Pattern.compile("[acb] ([0-9]+|\\*):([0-9]+|\\*) [rwm]{1,3}");

    private final JsonObject json;
    private final JsonObject body;

    HostConfig(JsonObject json, JsonObject body) {
        this.json = json;
        this.body = body;
        for (var name : REFUSED) {
            if (json.has(name) && asks(json.members().get(name))) {
                refuse(name);
            }
        }
        if (json.findText("CgroupnsMode").orElse("").equals("host")) refuse("CgroupnsMode");
        if (json.has("CgroupnsMode") && !List.of("", "private").contains(json.text("CgroupnsMode"))) throw new Refusal(400,
                "invalid cgroup namespace mode: " + json.text("CgroupnsMode"));
        var log = logDriver(json);
        if (!List.of("json-file", "local", NO_LOG).contains(log)) {
            throw new Refusal(400, "error looking up logging plugin %s: plugin \"%s\" not found".formatted(log, log));
        }
    }

    /// The name of the driver of logs; the usual one where none is named.
    static String logDriver(JsonObject host) {
        return host.findObject("LogConfig").flatMap(config -> config.findText("Type")).filter(type -> !type.isEmpty())
                .orElse("json-file");
    }

    private void refuse(String name) {
        throw new Refusal(400, "HostConfig.%s is not possible with Hostal: %s".formatted(name,
                json.members().get(name).toText()));
    }

    private static boolean asks(Json value) {
        return switch (value) {
            case Json.Null _ -> false;
            case Json.Bool(var on) -> on;
            case Json.Text(var text) -> !NOTHING.contains(text);
            case Json.Number(var number) -> number.signum() != 0;
            case Json.Array(var items) -> !items.isEmpty();
            case Json.Obj(var object) -> !object.members().isEmpty();
        };
    }

    Limits limits() {
        var quota = json.integer("NanoCpus", 0, Long.MAX_VALUE, 0) / 1e9;
        long period = json.integer("CpuPeriod", 0, Long.MAX_VALUE, 0);
        long slice = json.integer("CpuQuota", Long.MIN_VALUE, Long.MAX_VALUE, 0);
        if (quota > 0 && slice > 0) throw new Refusal(400, "Conflicting options: Nano CPUs and CPU Quota cannot both be set.");
        if (slice > 0) quota = (double) slice / (period == 0 ? 100_000 : period);
        long shares = json.integer("CpuShares", 0, Long.MAX_VALUE, 0);
        long swap = json.integer("MemorySwap", Long.MIN_VALUE, Long.MAX_VALUE, 0);
        long reservation = json.integer("MemoryReservation", 0, Long.MAX_VALUE, 0);
        long score = json.integer("OomScoreAdj", -1000, 1000, 0);
        long pids = json.integer("PidsLimit", Long.MIN_VALUE, Long.MAX_VALUE, 0);
        long blkio = json.integer("BlkioWeight", 0, 1000, 0);
        var ulimits = new LinkedHashMap<String, String>();
        for (var ulimit : json.objects("Ulimits")) {
            ulimits.put(ulimit.text("Name"), "%d:%d".formatted(ulimit.integer("Soft"), ulimit.integer("Hard")));
        }
        return new Limits(quota > 0 ? Optional.of(quota) : Optional.empty(),
                shares > 0 ? Optional.of(weight(shares)) : Optional.empty(), CreateBody.nonEmpty(json, "CpusetCpus"),
                swap == 0 ? Optional.empty() : Optional.of(new Bytes(swap < 0 ? Long.MAX_VALUE : swap)),
                reservation > 0 ? Optional.of(new Bytes(reservation)) : Optional.empty(),
                score == 0 ? Optional.empty() : Optional.of((int) score),
                pids == 0 ? Optional.empty() : Optional.of(Math.clamp(pids, -1, Integer.MAX_VALUE)),
                blkio > 0 ? Optional.of(Math.clamp(blkio * 10, 1, 10_000)) : Optional.empty(), throttles(), logSize(),
                swappiness(), ulimits);
    }

    /// -1 is as is usual.
    private Optional<Integer> swappiness() {
        if (!json.has("MemorySwappiness") || json.integer("MemorySwappiness") == -1) return Optional.empty();
        long share = json.integer("MemorySwappiness");
        if (share < 0 || share > 100) {
            throw new Refusal(400, "invalid value: %d, valid memory swappiness range is 0-100".formatted(share));
        }
        return Optional.of((int) share);
    }

    /// Source: dockerd's json-file driver: so many files of this size are kept.
    private Optional<Bytes> logSize() {
        var options = json.findObject("LogConfig").map(config -> config.textMap("Config")).orElse(Map.of());
        options.keySet().stream().filter(name -> !List.of("max-size", "max-file", "compress").contains(name)).findAny()
                .ifPresent(name -> {
            throw new Refusal(400, "unknown log opt '%s' for json-file log driver".formatted(name));
        });
        if (logDriver(json).equals(NO_LOG)) return Optional.of(Limits.LOG_MIN);
        if (!options.containsKey("max-size") || options.get("max-size").equals("-1")) return Optional.empty();
        long files = CreateBody.number("max-file", options.getOrDefault("max-file", "1"));
        long size = Math.multiplyExact(CreateBody.size(options.get("max-size")), Math.clamp(files, 1, 1000));
        return Optional.of(new Bytes(Math.max(size, Limits.LOG_MIN.count())));
    }

    /// From shares of cgroup v1 to a weight of v2. Source: OCI runtime-spec, config-linux.md, as runc converts them.
    static int weight(long shares) {
        return (int) (1 + (Math.clamp(shares, 2L, 262_144L) - 2) * 9999 / 262_142);
    }

    static long shares(int weight) {
        return 2 + (weight - 1L) * 262_142 / 9999;
    }

    private List<String> throttles() {
        var lines = new LinkedHashMap<String, String>();
        Map.of("BlkioDeviceReadBps", "rbps", "BlkioDeviceWriteBps", "wbps", "BlkioDeviceReadIOps", "riops",
                "BlkioDeviceWriteIOps", "wiops").forEach((member, key) -> {
                    for (var device : json.objects(member)) {
                        lines.merge(device.text("Path"), key + "=" + device.integer("Rate"), (a, b) -> a + " " + b);
                    }
                });
        return lines.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue()).toList();
    }

    Confinement confinement() {
        boolean noNew = false;
        boolean openPaths = asksForNone("MaskedPaths") && asksForNone("ReadonlyPaths");
        Optional<String> seccomp = Optional.empty();
        for (var option : json.texts("SecurityOpt")) {
            var pair = option.split("[=:]", 2);
            switch (pair[0]) {
                case "no-new-privileges" -> noNew = pair.length == 1 || pair[1].equals("true");
                case "seccomp" -> seccomp = Optional.of(pair.length == 1 ? "" : pair[1]).filter(text -> !text.equals("builtin"));
                case "systempaths" -> openPaths = pair.length > 1 && pair[1].equals("unconfined");
                case "label", "apparmor" -> { /* This host has none of these modules. */ }
                default -> throw new Refusal(400, "invalid --security-opt 2: \"%s\"".formatted(option));
            }
        }
        var devices = new ArrayList<String>();
        for (var device : json.objects("Devices")) {
            devices.add("%s:%s:%s".formatted(device.text("PathOnHost"), device.findText("PathInContainer")
                    .orElse(device.text("PathOnHost")), device.findText("CgroupPermissions").orElse("rwm")));
        }
        devices.addAll(deviceRules());
        long shm = json.integer("ShmSize", 0, Long.MAX_VALUE, 0);
        return new Confinement(json.bool("Privileged", false), capabilities("CapAdd"), capabilities("CapDrop"), noNew,
                seccomp, openPaths, json.bool("ReadonlyRootfs", false), CreateBody.nonEmpty(json, "UsernsMode"),
                namespace("PidMode"), namespace("IpcMode"), namespace("UTSMode"), json.textMap("Sysctls"), devices,
                json.texts("GroupAdd"), shm > 0 ? Optional.of(new Bytes(shm)) : Optional.empty(),
                json.bool("Init", false), json.texts("ExtraHosts"), json.texts("Dns"), json.texts("DnsSearch"),
                json.texts("DnsOptions"));
    }

    private List<String> deviceRules() {
        if (!json.has("DeviceCgroupRules")) return List.of();
        var rules = json.texts("DeviceCgroupRules");
        rules.stream().filter(rule -> !DEVICE_RULE.matcher(rule).matches()).findFirst().ifPresent(rule -> {
            throw new Refusal(400, "invalid device cgroup rule format: '%s'".formatted(rule));
        });
        return rules;
    }

    /// The docker CLI turns `systempaths=unconfined` into empty lists; other lists are not possible.
    private boolean asksForNone(String member) {
        if (!json.has(member)) return false;
        if (!json.texts(member).isEmpty()) refuse(member);
        return true;
    }

    private List<String> capabilities(String member) {
        return json.texts(member).stream().map(String::toUpperCase)
                .map(name -> name.startsWith("CAP_") ? name.substring(4) : name).toList();
    }

    private Optional<String> namespace(String member) {
        var mode = json.findText(member).orElse("");
        boolean ipc = member.equals("IpcMode");
        if (mode.startsWith(NetworkSpec.JOINED) && !member.equals("UTSMode")) return Optional.of(mode);
        return switch (mode) {
            case "" -> Optional.empty();
            case "host" -> Optional.of(mode);
            case "private" -> ipc ? Optional.empty() : invalid(member, mode);
            case "shareable", "none" -> ipc ? Optional.of(mode) : invalid(member, mode);
            default -> invalid(member, mode);
        };
    }

    private static Optional<String> invalid(String member, String mode) {
        throw new Refusal(400, "invalid %s mode: %s".formatted(switch (member) {
            case "PidMode" -> "PID";
            case "IpcMode" -> "IPC";
            default -> "UTS";
        }, mode));
    }

    List<Mount> mounts() {
        return Mounts.of(json, body);
    }

    List<Nic> nics() {
        var mode = json.findText("NetworkMode").orElse("default");
        if (body.bool("NetworkDisabled", false)) mode = "none";
        if (mode.startsWith(NetworkSpec.JOINED)) return List.of(new Nic(mode, Optional.empty(), Optional.empty(),
                Optional.empty(), List.of(), List.of(), Map.of()));
        var wanted = body.findObject("NetworkingConfig").flatMap(config -> config.findObject("EndpointsConfig"))
                .orElseGet(JsonObject::new);
        var nics = new ArrayList<Nic>();
        boolean usual = List.of("", "default", "bridge").contains(mode);
        var mac = CreateBody.nonEmpty(body, "MacAddress");
        var links = usual ? Endpoints.links(json) : List.<Link>of();
        if (!usual || !wanted.members().isEmpty() || mac.isPresent() || !links.isEmpty()) {
            var first = find(wanted, mode);
            // Source: Docker Engine API before 1.44, of the network that the mode names.
            if (mac.isPresent() && CreateBody.nonEmpty(first, "MacAddress").isEmpty()) first.put("MacAddress", mac.get());
            var all = json.has("Links") && !usual ? withLinks(first) : first;
            nics.add(Endpoints.linked(nic(usual ? Networks.BRIDGE : mode, all), links));
        }
        wanted.members().keySet().stream().filter(name -> nics.stream().noneMatch(nic -> nic.network().equals(inner(name))))
                .forEach(name -> nics.add(nic(name, find(wanted, name))));
        return nics;
    }

    /// Those of the body are of the network that the mode names.
    private JsonObject withLinks(JsonObject endpoint) {
        var links = new ArrayList<>(endpoint.has("Links") ? endpoint.texts("Links") : List.of());
        json.texts("Links").stream().filter(link -> !links.contains(link)).forEach(links::add);
        return endpoint.putTexts("Links", links);
    }

    private static JsonObject find(JsonObject endpoints, String name) {
        return endpoints.findObject(name).orElseGet(JsonObject::new);
    }

    /// The name of a network of Docker's as Hostal has it.
    private static String inner(String name) {
        return Networks.inner(name);
    }

    static Nic nic(String network, JsonObject endpoint) {
        return new Endpoints(inner(network), endpoint).nic();
    }

    List<PublishedPort> ports() {
        var mode = json.findText("NetworkMode").orElse("");
        // Of no use there: dockerd lets them fall, and says so.
        if (mode.equals("host") || mode.equals("none") || body.bool("NetworkDisabled", false)) return List.of();
        return Ports.of(json.findObject("PortBindings").orElseGet(JsonObject::new));
    }
}
