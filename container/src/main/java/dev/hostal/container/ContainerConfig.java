package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `config.json` of a container's bundle. Its program is always the agent (see container.c), which becomes the real one:
/// nothing here depends on what runs. Source: OCI runtime-spec 1.0.2, config.md, config-linux.md.
///
/// @param agent the agent's program on the host
/// @param cgroup absolute: from the root of each hierarchy
/// @param sysctls of the container's own namespaces
record ContainerConfig(
        Path root, String hostname, Path agent, Path etc, String cgroup, Arch arch, Limits limits, Network network,
        Map<String, String> sysctls) {
    /// Where the agent is in the container; container.c has the same.
    static final String AGENT_INSIDE = "/dev/.hostal";
    private static final String OCI_VERSION = "1.0.2";
    /// Period in which a quota of CPU time is given. Source: the kernel's default, sched-bwc.rst
    private static final long CPU_PERIOD_MICROS = 100_000;

    /// What a container's root may do. Source: Docker's default.
    static final List<String> CAPABILITIES = List.of("CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER",
            "CAP_FSETID", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID",
            "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT");
    /// What tells of the host, or of its other programs. Source: Docker's default.
    private static final List<String> MASKED = List.of("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
            "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
            "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys/fs/cgroup");

    /// Which network the container is in.
    enum Network {
        /// Its own, with loopback only.
        NONE,
        /// The host's.
        HOST
    }

    /// @param memory empty for no limit, as with CPUs
    /// @param pids processes and threads
    record Limits(Optional<Bytes> memory, Optional<Double> cpus, int pids) {}

    ContainerConfig {
        sysctls = Map.copyOf(sysctls);
    }

    JsonObject toJson(SystemCalls calls) {
        return new JsonObject()
                .put("ociVersion", OCI_VERSION)
                .put("process", process())
                .put("root", new JsonObject().put("path", root.toString()).put("readonly", false))
                .put("hostname", hostname)
                .putObjects("mounts", mounts())
                .put("linux", linux(calls));
    }

    private static JsonObject process() {
        var sets = new JsonObject();
        for (var set : List.of("bounding", "effective", "permitted")) {
            sets.putTexts(set, CAPABILITIES);
        }
        return new JsonObject()
                .put("terminal", false)
                .put("user", new JsonObject().put("uid", 0).put("gid", 0))
                .putTexts("args", List.of(AGENT_INSIDE, "--inside"))
                .putTexts("env", List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"))
                .put("cwd", "/")
                .put("capabilities", sets)
                .put("oomScoreAdj", 0)
                .put("noNewPrivileges", false);
    }

    private List<JsonObject> mounts() {
        var mounts = new ArrayList<>(List.of(
                mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
                        "gid=5"),
                mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")));
        if (network == Network.HOST) {
            // The kernel lets only the owner of a network mount a sysfs of it.
            mounts.set(5, mount("/sys", "bind", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro"));
        }
        mounts.add(mount(AGENT_INSIDE, "bind", agent.toString(), "bind", "ro", "nosuid", "nodev"));
        for (var name : List.of("hostname", "hosts", "resolv.conf")) {
            mounts.add(mount("/etc/" + name, "bind", etc.resolve(name).toString(), "bind", "rprivate", "rw"));
        }
        return mounts;
    }

    private static JsonObject mount(String destination, String type, String source, String... options) {
        return new JsonObject().put("destination", destination).put("type", type).put("source", source)
                .putTexts("options", List.of(options));
    }

    private JsonObject linux(SystemCalls calls) {
        var namespaces = new ArrayList<>(List.of("cgroup", "ipc", "mount", "pid", "uts"));
        if (network == Network.NONE) namespaces.add("network");
        return new JsonObject()
                .put("cgroupsPath", cgroup)
                .putObjects("namespaces", namespaces.stream().map(type -> new JsonObject().put("type", type)).toList())
                .put("resources", resources())
                .putTexts("sysctl", sysctls)
                .put("seccomp", calls.seccomp(arch, CAPABILITIES))
                .putTexts("maskedPaths", MASKED)
                .putTexts("readonlyPaths", READ_ONLY);
    }

    /// Devices: those that every container has (null, zero, full, random, urandom, tty, ptmx, pts), no other.
    private JsonObject resources() {
        var json = new JsonObject()
                .putObjects("devices", List.of(new JsonObject().put("allow", false).put("access", "rwm")))
                .put("pids", new JsonObject().put("limit", limits.pids()));
        limits.memory().ifPresent(max -> json.put("memory", new JsonObject().put("limit", max.count())));
        limits.cpus().ifPresent(max -> json.put("cpu", new JsonObject()
                .put("quota", Math.round(max * CPU_PERIOD_MICROS)).put("period", CPU_PERIOD_MICROS)));
        return json;
    }
}
