package dev.hostal.model;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is wanted of an instance.
///
/// @param cpus virtual CPUs, 1..[#CPUS_MAX]
/// @param memory of the guest, at least [#MEMORY_MIN], or [#CONTAINER_MEMORY_MIN]
/// @param diskSize virtual size of the writable disk, at least [#DISK_MIN]
/// @param hostname empty: its name; [#HOSTNAME_OF_ID] stands for its id
/// @param autoRemove the instance is deleted when its machine ends
/// @param stopTimeout how long `stop` asks the guest before it kills
/// @param ports published from its start on; others come and go while it runs
public record InstanceSpec(
        InstanceName name,
        Kind kind,
        ImageReference image,
        Optional<Arch> arch,
        int cpus,
        Bytes memory,
        Bytes diskSize,
        Boot boot,
        ProcessSpec process,
        Optional<String> hostname,
        Map<String, String> labels,
        boolean autoRemove,
        Duration stopTimeout,
        Limits limits,
        Confinement confinement,
        Care care,
        List<Mount> mounts,
        List<Nic> nics,
        List<PublishedPort> ports) {
    public static final int CPUS_MAX = 512;
    public static final Bytes MEMORY_MIN = Bytes.mib(64);
    /// Of a container. Source: the Docker Engine, below which a runtime itself does not start.
    public static final Bytes CONTAINER_MEMORY_MIN = Bytes.mib(6);
    public static final Bytes MEMORY_MAX = Bytes.gib(16 << 10);
    public static final Bytes DISK_MIN = Bytes.mib(64);
    public static final Bytes DISK_MAX = Bytes.gib(64 << 10);
    public static final int LABELS_MAX = 256;
    public static final int MOUNTS_MAX = 256;
    public static final int NICS_MAX = 16;
    public static final int PORTS_MAX = 256;
    /// Stands for the beginning of the instance's id, which nobody knows who asks for an instance.
    public static final String HOSTNAME_OF_ID = "%id";
    /// Chosen: an hour is longer than any guest takes to end.
    public static final Duration STOP_TIMEOUT_MAX = Duration.ofHours(1);

    public InstanceSpec {
        require(cpus >= 1 && cpus <= CPUS_MAX, "cpus %d not in 1..%d", cpus, CPUS_MAX);
        var memoryMin = kind == Kind.CONTAINER ? CONTAINER_MEMORY_MIN : MEMORY_MIN;
        require(memory.compareTo(memoryMin) >= 0 && memory.compareTo(MEMORY_MAX) <= 0,
                "memory %s not in %s..%s", memory, memoryMin, MEMORY_MAX);
        require(diskSize.compareTo(DISK_MIN) >= 0 && diskSize.compareTo(DISK_MAX) <= 0,
                "disk %s not in %s..%s", diskSize, DISK_MIN, DISK_MAX);
        require(!stopTimeout.isNegative() && stopTimeout.compareTo(STOP_TIMEOUT_MAX) <= 0,
                "stop timeout %s not in 0..%s", stopTimeout, STOP_TIMEOUT_MAX);
        require(labels.size() <= LABELS_MAX, "%d labels are more than %d", labels.size(), LABELS_MAX);
        hostname.ifPresent(name1 -> require(name1.equals(HOSTNAME_OF_ID)
                || name1.matches("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?"), "'%s' is not a host name", name1));
        require(mounts.size() <= MOUNTS_MAX, "%d mounts are more than %d", mounts.size(), MOUNTS_MAX);
        require(nics.size() <= NICS_MAX, "%d NICs are more than %d", nics.size(), NICS_MAX);
        require(ports.size() <= PORTS_MAX, "%d published ports are more than %d", ports.size(), PORTS_MAX);
        labels = Map.copyOf(labels);
        mounts = List.copyOf(mounts);
        nics = List.copyOf(nics);
        ports = List.copyOf(ports);
    }

    /// One without limits, mounts, NICs and ports of its own choice.
    public InstanceSpec(InstanceName name, Kind kind, ImageReference image, Optional<Arch> arch, int cpus, Bytes memory,
            Bytes diskSize, Boot boot, ProcessSpec process, Optional<String> hostname, Map<String, String> labels,
            boolean autoRemove, Duration stopTimeout) {
        this(name, kind, image, arch, cpus, memory, diskSize, boot, process, hostname, labels, autoRemove, stopTimeout,
                Limits.USUAL, Confinement.USUAL, Care.USUAL, List.of(), List.of(), List.of());
    }

    /// The same with other mounts.
    public InstanceSpec mounting(List<Mount> others) {
        return new InstanceSpec(name, kind, image, arch, cpus, memory, diskSize, boot, process, hostname, labels,
                autoRemove, stopTimeout, limits, confinement, care, others, nics, ports);
    }

    /// The same with other namespaces.
    public InstanceSpec sharing(Optional<String> otherHostname, Confinement otherConfinement, List<Nic> otherNics) {
        return new InstanceSpec(name, kind, image, arch, cpus, memory, diskSize, boot, process, otherHostname, labels,
                autoRemove, stopTimeout, limits, otherConfinement, care, mounts, otherNics, ports);
    }

    /// The same with other NICs.
    public InstanceSpec wired(List<Nic> others) {
        return new InstanceSpec(name, kind, image, arch, cpus, memory, diskSize, boot, process, hostname, labels,
                autoRemove, stopTimeout, limits, confinement, care, mounts, others, ports);
    }

    /// The same under another name.
    public InstanceSpec named(InstanceName other) {
        return new InstanceSpec(other, kind, image, arch, cpus, memory, diskSize, boot, process, hostname, labels,
                autoRemove, stopTimeout, limits, confinement, care, mounts, nics, ports);
    }
}
