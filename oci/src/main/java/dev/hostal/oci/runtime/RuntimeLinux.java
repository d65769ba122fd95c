package dev.hostal.oci.runtime;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// `linux`: namespaces, cgroup, devices, system calls. Source: OCI runtime-spec, config-linux.md.
///
/// @param cgroupsPath absolute: from the root of each hierarchy
/// @param namespaces new ones, such as `mount` and `pid`; what is not named is shared with the caller
/// @param devices beside those that every runtime makes: null, zero, full, random, urandom, tty
public record RuntimeLinux(
        String cgroupsPath,
        Set<String> namespaces,
        List<RuntimeDevice> devices,
        RuntimeResources resources,
        Seccomp seccomp) {
    /// What tells of the host, or of its other programs. Source: the defaults that runtimes agree on.
    private static final List<String> MASKED = List.of("/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
            "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
            "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    public RuntimeLinux {
        namespaces = Set.copyOf(namespaces);
        devices = List.copyOf(devices);
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("cgroupsPath", cgroupsPath)
                .putObjects("namespaces", new TreeSet<>(namespaces).stream()
                        .map(type -> new JsonObject().put("type", type)).toList())
                .putObjects("devices", devices.stream().map(RuntimeDevice::toJson).toList())
                .put("resources", resources.toJson(devices))
                .put("seccomp", seccomp.toJson())
                .putTexts("maskedPaths", MASKED)
                .putTexts("readonlyPaths", READ_ONLY);
    }
}
