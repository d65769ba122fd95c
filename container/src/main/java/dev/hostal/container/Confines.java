package dev.hostal.container;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.Confinement;
import dev.hostal.model.NetworkSpec;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What a container may do and use, as members of its configuration. Source: OCI runtime-spec, config.md,
/// config-linux.md; what the options mean: docker run.
///
/// @param capabilities of its root
/// @param hierarchies names of the host's cgroup hierarchies of version 1
record Confines(Confinement wanted, List<String> capabilities, Devices devices, Resources resources,
        List<String> hierarchies) {
    /// In the environment of the agent in the container; inside.c has the same.
    private static final String GROUPS = "HOSTAL_GROUPS";
    private static final String KEPT = "HOSTAL_CAPABILITIES";
    private static final String REAPER = "HOSTAL_REAPER";
    static final String HOST = "host";
    private static final String NO_SHM = "none";
    private static final Set<String> IPC = Set.of(NO_SHM, "shareable");
    private static final String UNCONFINED = "unconfined";
    private static final long SHM_USUAL = 64 << 20;
    /// What tells of the host, or of its other programs. Source: Docker's default.
    private static final List<String> MASKED = List.of("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
            "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
            "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
    private static final String CGROUPS = "/sys/fs/cgroup";
    /// Kernel parameters that belong to a container's own namespaces. Source: OCI runtime-spec, "Sysctl"; runc's check.
    private static final Set<String> SYSCTLS_OF_IPC = Set.of("kernel.msgmax", "kernel.msgmnb", "kernel.msgmni",
            "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced");
    private static final Map<String, String> ULIMITS = Map.ofEntries(Map.entry("as", "RLIMIT_AS"),
            Map.entry("core", "RLIMIT_CORE"), Map.entry("cpu", "RLIMIT_CPU"), Map.entry("data", "RLIMIT_DATA"),
            Map.entry("fsize", "RLIMIT_FSIZE"), Map.entry("locks", "RLIMIT_LOCKS"),
            Map.entry("memlock", "RLIMIT_MEMLOCK"), Map.entry("msgqueue", "RLIMIT_MSGQUEUE"),
            Map.entry("nice", "RLIMIT_NICE"), Map.entry("nofile", "RLIMIT_NOFILE"), Map.entry("nproc", "RLIMIT_NPROC"),
            Map.entry("rss", "RLIMIT_RSS"), Map.entry("rtprio", "RLIMIT_RTPRIO"), Map.entry("rttime", "RLIMIT_RTTIME"),
            Map.entry("sigpending", "RLIMIT_SIGPENDING"), Map.entry("stack", "RLIMIT_STACK"));

    Confines {
        capabilities = List.copyOf(capabilities);
        hierarchies = List.copyOf(hierarchies);
    }

    /// @throws Problem BAD_REQUEST: something that is wanted does not exist or cannot be
    static Confines of(Confinement wanted, Resources resources, List<String> hierarchies) throws IOException {
        return of(wanted, resources, hierarchies, Capabilities.available(), Devices.of(wanted));
    }

    static Confines of(Confinement wanted, Resources resources, List<String> hierarchies, List<String> available,
            Devices devices) {
        var confines = new Confines(wanted, Capabilities.of(wanted, available), devices, resources, hierarchies);
        confines.check();
        return confines;
    }

    private void check() {
        wanted.userNamespace().ifPresent(word -> requireHost("userNamespace", word));
        if (wanted.userNamespace().isPresent() && !shares(wanted.userNamespace())) requireOwnOnly();
        wanted.pidNamespace().filter(word -> !word.startsWith(NetworkSpec.JOINED))
                .ifPresent(word -> requireHost("pidNamespace", word));
        wanted.ipcNamespace().filter(word -> !IPC.contains(word) && !word.startsWith(NetworkSpec.JOINED))
                .ifPresent(word -> requireHost("ipcNamespace", word));
        wanted.utsNamespace().ifPresent(word -> requireHost("utsNamespace", word));
        wanted.sysctls().keySet().forEach(this::requireOwn);
        rlimits();
    }

    /// What belongs to the host's root, or to another container's, is closed to users of its own.
    private void requireOwnOnly() {
        if (wanted.privileged()) throw new Problem(ErrorCode.BAD_REQUEST,
                "A privileged container has the host's users: --privileged and --userns private exclude each other.");
        var others = List.of(wanted.pidNamespace(), wanted.ipcNamespace(), wanted.utsNamespace());
        if (others.stream().anyMatch(word -> word.isPresent() && !word.get().equals("private") && !IPC.contains(word.get())
                || shares(word))) throw new Problem(ErrorCode.BAD_REQUEST, """
                    A container with users of its own shares no other namespaces with the host or another container.
                    Maybe leave out --userns, or --pid, --ipc and --uts.""");
    }

    private static void requireHost(String member, String word) {
        if (!Set.of(HOST, "private").contains(word)) throw new Problem(ErrorCode.BAD_REQUEST,
                "confinement.%s: '%s' is neither 'host' nor 'private'.".formatted(member, word));
    }

    /// A parameter of the whole host is none of a container's business.
    private void requireOwn(String name) {
        boolean ofIpc = SYSCTLS_OF_IPC.contains(name) || name.startsWith("fs.mqueue.");
        boolean joined = wanted.ipcNamespace().filter(word -> word.startsWith(NetworkSpec.JOINED)).isPresent();
        if (ofIpc && !shares(wanted.ipcNamespace()) && !joined || name.startsWith("net.")
                || name.equals("kernel.domainname") && !shares(wanted.utsNamespace())) return;
        throw new Problem(ErrorCode.BAD_REQUEST,
                "confinement.sysctls: '%s' is a parameter of the whole host, not of a container's own namespaces."
                        .formatted(name));
    }

    // ---- process

    JsonObject process(JsonObject process) {
        var sets = new JsonObject();
        for (var set : List.of("bounding", "effective", "permitted")) {
            sets.putTexts(set, Capabilities.withThoseOfTheAgent(capabilities));
        }
        process.put("capabilities", sets).put("noNewPrivileges", wanted.noNewPrivileges())
                .put("oomScoreAdj", resources.limits().oomScoreAdj().orElse(0));
        var limits = rlimits();
        if (!limits.isEmpty()) process.putObjects("rlimits", limits);
        return process;
    }

    /// What the agent in the container is told, beside which program it becomes.
    List<String> environment() {
        var environment = new ArrayList<String>();
        if (!wanted.groups().isEmpty()) environment.add(GROUPS + "=" + String.join(",", wanted.groups()));
        if (!Capabilities.withThoseOfTheAgent(capabilities).equals(capabilities)) {
            environment.add(KEPT + "=" + Long.toHexString(Capabilities.mask(capabilities)));
        }
        if (wanted.reaper()) environment.add(REAPER + "=1");
        return environment;
    }

    private List<JsonObject> rlimits() {
        var all = new ArrayList<JsonObject>();
        new TreeMap<>(resources.limits().ulimits()).forEach((name, text) -> {
            var type = Optional.ofNullable(ULIMITS.get(name)).orElseThrow(() -> badUlimit(name, text, "no limit has that name"));
            var values = text.split(":", 2);
            long soft = ulimit(name, values[0]);
            long hard = values.length == 1 ? soft : ulimit(name, values[1]);
            if (Long.compareUnsigned(soft, hard) > 0) throw badUlimit(name, text, "the soft limit is above the hard one");
            // A number of 64 bits without sign: what no long can say is said as a text of digits would be.
            all.add(new JsonObject().put("type", type).put("soft", unsigned(soft)).put("hard", unsigned(hard)));
        });
        return all;
    }

    private static Json unsigned(long value) {
        return new Json.Number(new BigDecimal(Long.toUnsignedString(value)));
    }

    private static long ulimit(String name, String text) {
        if (text.equals("-1") || text.equals("unlimited")) return -1;
        try {
            long value = Long.parseLong(text);
            if (value >= 0) return value;
        } catch (NumberFormatException _) {
            // Refused below.
        }
        throw badUlimit(name, text, "a limit is a whole number or 'unlimited'");
    }

    private static Problem badUlimit(String name, String text, String why) {
        return new Problem(ErrorCode.BAD_REQUEST, "limits.ulimits: %s=%s: %s.".formatted(name, text, why));
    }

    // ---- file systems

    String shmOptions() {
        return "size=" + wanted.shmSize().map(size -> size.count()).orElse(SHM_USUAL);
    }

    boolean sharesIpc() {
        return shares(wanted.ipcNamespace());
    }

    /// Whether it has a /dev/shm.
    boolean hasShm() {
        return !wanted.ipcNamespace().equals(Optional.of(NO_SHM));
    }

    boolean sharesUts() {
        return shares(wanted.utsNamespace());
    }

    // ---- linux

    /// Namespaces of its own beside the network.
    List<String> namespaces() {
        var own = new ArrayList<>(List.of("cgroup", "ipc", "mount", "pid", "uts"));
        if (shares(wanted.pidNamespace())) own.remove("pid");
        if (sharesIpc()) own.remove("ipc");
        if (sharesUts()) own.remove("uts");
        return own;
    }

    JsonObject linux(JsonObject linux, SystemCalls calls, Arch arch, Map<String, String> sysctls) throws IOException {
        var own = new TreeMap<>(sysctls);
        own.putAll(wanted.sysctls());
        linux.put("resources", resources.toJson().putObjects("devices", devices.rules())).putTexts("sysctl", own);
        if (!devices.nodes().isEmpty()) linux.putObjects("devices", devices.linuxDevices());
        seccomp(calls, arch).ifPresent(profile -> linux.put("seccomp", profile));
        if (!wanted.privileged() && !wanted.openPaths()) {
            linux.putTexts("maskedPaths", MASKED).putTexts("readonlyPaths", readOnly());
        }
        return linux;
    }

    /// Each hierarchy beside the folder of all: crun makes the mounts of the configuration read-only last, where the
    /// folder's new mount has already hidden them behind writable copies. A path that is not there is passed over.
    private List<String> readOnly() {
        var paths = new ArrayList<>(READ_ONLY);
        paths.add(CGROUPS);
        hierarchies.forEach(name -> paths.add(CGROUPS + "/" + name));
        return paths;
    }

    private Optional<JsonObject> seccomp(SystemCalls calls, Arch arch) {
        if (wanted.seccomp().isPresent() && !wanted.seccomp().get().equals(UNCONFINED)) {
            return Optional.of(SeccompProfile.of(wanted.seccomp().get(), SystemCalls.architectures(arch), capabilities));
        }
        if (wanted.seccomp().isPresent() || wanted.privileged()) return Optional.empty();
        return Optional.of(calls.seccomp(arch, capabilities));
    }

    /// Whether users of its own were asked for.
    static boolean hasOwnUsers(Confinement wanted) {
        return wanted.userNamespace().filter("private"::equals).isPresent();
    }

    private static boolean shares(Optional<String> namespace) {
        return namespace.filter(HOST::equals).isPresent();
    }
}
