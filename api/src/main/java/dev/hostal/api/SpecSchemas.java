package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

/// The JSON objects of which what is wanted of an instance consists.
final class SpecSchemas {
    static final Schema LIMITS = Schema.of("Limits",
            "What an instance may use beyond its CPUs, memory and disk. Source of the words: Linux, cgroup-v2.",
            may("cpuQuota", "number", "CPUs that may be used in sum, such as 0.5."),
            may("cpuWeight", "integer", "Share of the CPUs against others, 1..10000; usual is 100."),
            may("cpuset", "string", "CPUs that may be used, such as `0-1,3`."),
            may("memorySwap", "integer", "Bytes: memory and swap in sum."),
            may("memoryReservation", "integer", "Bytes: what it falls back to when the host is short of memory."),
            may("oomScoreAdj", "integer", "-1000 to 1000: how readily it is killed when the host is out of memory."),
            may("pids", "integer", "Processes and threads; -1 for no limit."),
            may("ioWeight", "integer", "Share of block I/O against others, 1..10000; usual is 100."),
            may("ioMax", "string[]", "Throttles: `DEVICE rbps=N wbps=N riops=N wiops=N`, as in io.max with a device path."),
            may("logSize", "integer", "Bytes of its output that are kept, at least 64 KiB; 64 MiB where it is missing."),
            may("ulimits", "string{}", "Limits of setrlimit(2) by name, `SOFT` or `SOFT:HARD`; `unlimited` is -1."));

    static final Schema CONFINEMENT = Schema.of("Confinement",
            "What a container may and may not do on its host. Source of the words: OCI runtime-spec, and docker run.",
            may("privileged", "boolean", "Everything is allowed that root may."),
            may("capAdd", "string[]", "Capabilities without `CAP_`, or `ALL`."),
            may("capDrop", "string[]", "Capabilities without `CAP_`, or `ALL`."),
            may("noNewPrivileges", "boolean", "Setuid and file capabilities give nothing."),
            may("seccomp", "string", "`unconfined`, or a profile as JSON; empty: the usual one."),
            may("openPaths", "boolean", "Paths of the kernel that are hidden or read-only otherwise are as on the host."),
            may("readOnlyRoot", "boolean", "The root file system is read-only."),
            may("userNamespace", "string", "`host` or `private`; empty: the daemon's default."),
            may("pidNamespace", "string", "`host`, or `container:ID` for another container's; empty: its own."),
            may("ipcNamespace", "string", "`host`, `none`, `shareable`, or `container:ID` for another container's; empty: its own."),
            may("utsNamespace", "string", "`host`; empty: its own."),
            may("sysctls", "string{}", "Kernel parameters of its namespaces."),
            may("devices", "string[]", "Host devices: `HOST[:GUEST[:rwm]]`, or rules of cgroups such as `c 7:* rmw`."),
            may("groups", "string[]", "Further groups of the program, names or numbers."),
            may("shmSize", "integer", "Bytes: size of /dev/shm."),
            may("reaper", "boolean", "A small init runs the program and reaps what it leaves."),
            may("extraHosts", "string[]", "Lines for /etc/hosts: `NAME:ADDRESS`."),
            may("dns", "string[]", "Name servers instead of the network's."),
            may("dnsSearch", "string[]", "Search domains instead of the network's."),
            may("dnsOptions", "string[]", "Options for resolv.conf(5)."));

    static final Schema CARE = Schema.of("Care",
            "What is done for an instance while it lives: when it is started again, and how its health is found out.",
            may("restart", "string", "`no`, `on-failure[:TIMES]`, `always` or `unless-stopped`; empty: no."),
            may("stopSignal", "string", "Signal of `stop`, without `SIG`; empty: the image's, or TERM."),
            may("healthCommand", "string[]", "Test as in OCI images: `NONE`, or `CMD` or `CMD-SHELL` and words; empty: the image's."),
            may("healthIntervalMillis", "integer", "Milliseconds: between two tests."),
            may("healthTimeoutMillis", "integer", "Milliseconds: a test that takes longer has failed."),
            may("healthStartPeriodMillis", "integer", "Milliseconds: failures before that do not count."),
            may("healthRetries", "integer", "Failures in a row until it is unhealthy."));

    static final Schema MOUNT = Schema.of("Mount", "Something of the host's that an instance sees at a place of its own.",
            has("type", "string", "`bind`, `volume` or `tmpfs`."),
            has("source", "string", "Path on the host, or name of a volume; empty for a new nameless volume and for tmpfs."),
            has("target", "string", "Absolute path in the guest."),
            may("readOnly", "boolean", "The guest cannot write to it."),
            may("options", "string{}", "Further words by type: `propagation`, `idmap`, `nocopy`, `subpath`, `size`, `mode`, `create`."));

    static final Schema NIC = Schema.of("Nic", "A network interface that an instance wants.",
            has("network", "string", "Name of a network, or `none`, `host`, `user`, `container:ID`."),
            may("mac", "string", "Its MAC address; made from the instance's id where none is given."),
            may("ipv4", "string", "Fixed address within the network."),
            may("ipv6", "string", "Fixed address within the network."),
            may("aliases", "string[]", "Further names of the instance in that network."),
            may("groups", "string[]", "Security groups whose rules apply to it."),
            may("options", "string{}", "Further words: `mtu`, `rate-in`, `rate-out`, `delay`, `loss`, `name`, `links`, `link-local`."));

    static final Schema PUBLISHED_PORT = Schema.of("PublishedPort", "A port of the host that leads to one of the guest.",
            may("hostAddress", "string", "Address of the host; empty: loopback only."),
            may("hostPort", "integer", "Empty: a free one."),
            has("guestPort", "integer", "Port of the guest."),
            has("count", "integer", "How many ports follow each other, both ways."),
            has("protocol", "string", "`tcp` or `udp`."));

    private SpecSchemas() {}
}
