package dev.hostal.docker;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The engine itself: `/_ping`, `/version`, `/info`, `/system/df`, `/auth` and `/events`.
final class SystemRoutes {
    private static final Path KERNEL = Path.of("/proc/sys/kernel/osrelease");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path RELEASE = Path.of("/etc/os-release");

    /// That images are kept as in containerd's store, in their own documents and for any platform: clients ask for
    /// builds for several platforms, and for caches, only where they see this. Source: docker/buildx, driver/docker;
    /// moby, its word for the store.
    private static final Json DRIVER_STATUS =
            new Json.Array(List.of(new Json.Array(List.of(Json.of("driver-type"),
                    Json.of("io.containerd.snapshotter.v1")))));
    private static final List<String> USED = List.of("container", "image", "volume", "build-cache");

    private final EngineAccess engines;
    private final DockerApi.About about;
    private final Containers containers;

    SystemRoutes(EngineAccess engines, DockerApi.About about, Containers containers) {
        this.engines = engines;
        this.about = about;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/_ping", SystemRoutes::ping),
                Route.head("/_ping", SystemRoutes::ping),
                Route.get("/version", this::version),
                Route.get("/info", this::info),
                Route.get("/system/df", this::usage),
                Route.post("/auth", this::auth),
                Route.get("/events", new EventStream(engines, containers)::answer));
    }

    private static void ping(Exchange exchange) throws IOException {
        exchange.response().getHeaders().put("Cache-Control", "no-cache, no-store, must-revalidate").put("Pragma", "no-cache")
                .put("Swarm", "inactive").put("Builder-Version", "2");
        exchange.reply(200, "text/plain; charset=utf-8", "OK".getBytes(StandardCharsets.US_ASCII));
    }

    private void version(Exchange exchange) throws IOException {
        var os = kernel();
        var details = new JsonObject().put("ApiVersion", DockerApi.VERSION).put("Arch", goArch()).put("BuildTime", "")
                .put("Experimental", "false").put("GitCommit", "").put("GoVersion", "").put("KernelVersion", os)
                .put("MinAPIVersion", DockerApi.VERSION_MIN).put("Os", "linux");
        exchange.json(200, new JsonObject().put("Platform", new JsonObject().put("Name", "Hostal " + about.version()))
                .putObjects("Components", List.of(new JsonObject().put("Name", "Engine").put("Version", DockerApi.ENGINE)
                        .put("Details", details), new JsonObject().put("Name", "Hostal").put("Version", about.version())
                                .put("Details", new JsonObject())))
                .put("Version", DockerApi.ENGINE).put("ApiVersion", DockerApi.VERSION).put("MinAPIVersion", DockerApi.VERSION_MIN)
                .put("GitCommit", "").put("GoVersion", "").put("Os", "linux").put("Arch", goArch()).put("KernelVersion", os)
                .put("BuildTime", ""));
    }

    private static String kernel() throws IOException {
        return Files.readString(KERNEL).strip();
    }

    /// As Go names it.
    static String goArch() {
        return switch (System.getProperty("os.arch")) {
            case "aarch64" -> "arm64";
            case "ppc64le", "s390x", "riscv64" -> System.getProperty("os.arch");
            default -> "amd64";
        };
    }

    private void info(Exchange exchange) throws IOException, InterruptedException {
        var engine = engines.get();
        int running = 0;
        int paused = 0;
        var instances = engine.list();
        for (var instance : instances) {
            switch (ContainerState.of(instance).word()) {
                case "running" -> running++;
                case "paused" -> paused++;
                default -> { /* Counted as stopped below. */ }
            }
        }
        var images = engine.images();
        exchange.json(200, new JsonObject().put("ID", about.id()).put("Containers", instances.size())
                .put("ContainersRunning", running).put("ContainersPaused", paused)
                .put("ContainersStopped", instances.size() - running - paused).put("Images", images.size())
                .put("Driver", "overlay2").put("DriverStatus", DRIVER_STATUS)
                .put("SystemStatus", new Json.Null())
                .put("Plugins", new JsonObject().putTexts("Volume", List.of("local"))
                        .putTexts("Network", List.of("bridge", "host", "none")).put("Authorization", new Json.Null())
                        .putTexts("Log", List.of("json-file")))
                .put("MemoryLimit", true).put("SwapLimit", true).put("CpuCfsPeriod", true).put("CpuCfsQuota", true)
                .put("CPUShares", true).put("CPUSet", true).put("PidsLimit", true).put("IPv4Forwarding", true)
                .put("OomKillDisable", false).put("Debug", false).put("NFd", 0).put("NGoroutines", Thread.activeCount())
                .put("SystemTime", Instant.now().toString()).put("LoggingDriver", "json-file").put("CgroupDriver", "cgroupfs")
                .put("CgroupVersion", Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")) ? "2" : "1")
                .put("NEventsListener", 0).put("KernelVersion", kernel()).put("OperatingSystem", release())
                .put("OSVersion", "").put("OSType", "linux").put("Architecture", machine())
                .put("IndexServerAddress", "https://index.docker.io/v1/")
                .put("RegistryConfig", new JsonObject().put("InsecureRegistryCIDRs", new Json.Array(List.of()))
                        .put("IndexConfigs", new JsonObject()).put("Mirrors", new Json.Array(List.of())))
                .put("NCPU", Runtime.getRuntime().availableProcessors()).put("MemTotal", memory())
                .put("GenericResources", new Json.Null()).put("DockerRootDir", about.home()).put("HttpProxy", "")
                .put("HttpsProxy", "").put("NoProxy", "").put("Name", hostname()).putTexts("Labels", List.of())
                .put("ExperimentalBuild", false).put("ServerVersion", DockerApi.ENGINE)
                .put("Runtimes", new JsonObject().put("runc", new JsonObject().put("path", "runc"))
                        .put(CreateBody.VM_RUNTIME, new JsonObject().put("path", "qemu")))
                .put("DefaultRuntime", "runc")
                .put("Swarm", new JsonObject().put("NodeID", "").put("NodeAddr", "").put("LocalNodeState", "inactive")
                        .put("ControlAvailable", false).put("Error", "").put("RemoteManagers", new Json.Null()))
                .put("LiveRestoreEnabled", true).put("Isolation", "").put("InitBinary", "")
                .put("ContainerdCommit", commit()).put("RuncCommit", commit()).put("InitCommit", commit())
                .putTexts("SecurityOptions", List.of("name=seccomp,profile=builtin")).put("Warnings", new Json.Null()));
    }

    private static JsonObject commit() {
        return new JsonObject().put("ID", "").put("Expected", "");
    }

    private static String machine() {
        return goArch().equals("amd64") ? "x86_64" : System.getProperty("os.arch");
    }

    private static String release() throws IOException {
        if (!Files.exists(RELEASE)) return "Linux";
        try (var lines = Files.lines(RELEASE)) {
            return lines.filter(line -> line.startsWith("PRETTY_NAME=")).findFirst()
                    .map(line -> line.substring(12).replace("\"", "")).orElse("Linux");
        }
    }

    static long memory() throws IOException {
        try (var lines = Files.lines(MEMORY)) {
            return lines.filter(line -> line.startsWith("MemTotal:")).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).orElse(0L);
        }
    }

    static String hostname() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    private void usage(Exchange exchange) throws IOException, InterruptedException {
        var types = exchange.texts("type");
        types.stream().filter(type -> !USED.contains(type)).findAny().ifPresent(type -> {
            throw new Refusal(400, "unknown object type: " + type);
        });
        var engine = engines.get();
        var now = Instant.now();
        var instances = new ArrayList<JsonObject>();
        for (var instance : engine.list()) {
            var json = containers.json(instance).listed(now);
            containers.putSizes(instance, json);
            instances.add(json);
        }
        long size = 0;
        var images = new ArrayList<JsonObject>();
        for (var image : engine.images()) {
            size += image.size().count();
            long users = engine.list().stream().filter(one -> one.imageDigest().equals(image.digest())).count();
            images.add(new JsonObject().put("Id", image.digest()).put("ParentId", "")
                    .putTexts("RepoTags", image.references().stream().map(one -> one.familiar()).toList())
                    .putTexts("RepoDigests", List.of()).put("Created", image.createdAt().getEpochSecond())
                    .put("Size", image.size().count()).put("SharedSize", 0)
                    .put("Labels", ContainerJson.textsOrNull(image.labels()))
                    .put("Containers", users));
        }
        var volumes = new ArrayList<JsonObject>();
        var routes = new VolumeRoutes(engines, containers);
        for (var view : engine.volumes().list()) {
            volumes.add(routes.json(view).put("UsageData", new JsonObject().put("RefCount", view.users().size())
                    .put("Size", view.used().map(used -> used.count()).orElse(-1L))));
        }
        var all = new JsonObject().put("LayersSize", size);
        put(all, "Images", images, types.isEmpty() || types.contains("image"));
        put(all, "Containers", instances, types.isEmpty() || types.contains("container"));
        put(all, "Volumes", volumes, types.isEmpty() || types.contains("volume"));
        put(all, "BuildCache", List.of(), types.isEmpty() || types.contains("build-cache"));
        exchange.json(200, all.put("BuilderSize", 0));
    }

    private static void put(JsonObject json, String name, List<JsonObject> objects, boolean wanted) {
        if (wanted) json.putObjects(name, objects);
        else json.put(name, new Json.Null());
    }

    private void auth(Exchange exchange) throws IOException, InterruptedException {
        var body = exchange.body();
        var registry = Logins.registry(CreateBody.nonEmpty(body, "serveraddress").orElse(""));
        var login = Logins.of(body, registry).orElseThrow(() -> new Refusal(400, "no credentials were sent for " + registry));
        try {
            engines.get().checkLogin(login);
        } catch (Problem e) {
            throw e.code() == ErrorCode.REGISTRY_FAILED ? new Refusal(401, e.getMessage()) : e;
        }
        exchange.json(200, new JsonObject().put("Status", "Login Succeeded").put("IdentityToken", ""));
    }
}
