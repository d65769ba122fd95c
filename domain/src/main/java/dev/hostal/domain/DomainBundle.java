package dev.hostal.domain;

import dev.hostal.linux.DeviceNodes;
import dev.hostal.oci.runtime.RuntimeConfig;
import dev.hostal.oci.runtime.RuntimeDevice;
import dev.hostal.oci.runtime.RuntimeLinux;
import dev.hostal.oci.runtime.RuntimeMount;
import dev.hostal.oci.runtime.RuntimeProcess;
import dev.hostal.oci.runtime.RuntimeResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Writes what an OCI runtime starts: an empty root with the host's programs in it, read-only.
///
/// @param host root of the host's files; another one in tests
record DomainBundle(Path host) {
    private static final String ROOT = "rootfs";
    /// Folders that are links into /usr since the merge, and folders of their own before it.
    private static final List<String> PROGRAM_FOLDERS = List.of("bin", "lib", "lib32", "lib64", "libx32", "sbin");
    /// What programs from /usr want beside it: the linker's cache, chosen alternatives, QEMU's defaults.
    private static final List<String> ETC = List.of("etc/ld.so.cache", "etc/alternatives", "etc/qemu");
    /// Who is asked for names by programs that use the host's network.
    private static final List<String> ETC_OF_NETWORK = List.of("etc/resolv.conf", "etc/hosts");

    /// Writes the bundle into an existing folder; what the runtime is missing there, it makes itself.
    void write(DomainSpec spec, String cgroup, Path folder) throws IOException {
        var root = Files.createDirectories(folder.resolve(ROOT));
        for (var name : PROGRAM_FOLDERS) {
            var original = host.resolve(name);
            if (Files.isSymbolicLink(original) && !Files.isSymbolicLink(root.resolve(name))) {
                Files.createSymbolicLink(root.resolve(name), Files.readSymbolicLink(original));
            }
        }
        Files.writeString(folder.resolve("config.json"), config(spec, cgroup).toJson().toPrettyText());
    }

    RuntimeConfig config(DomainSpec spec, String cgroup) throws IOException {
        var process = new RuntimeProcess(spec.argv(), spec.env(), spec.workdir(), spec.uid(), spec.gid(),
                spec.capabilities());
        return new RuntimeConfig(process, ROOT, spec.name(), mounts(spec), linux(spec, cgroup));
    }

    private List<RuntimeMount> mounts(DomainSpec spec) {
        var mounts = new ArrayList<RuntimeMount>();
        mounts.add(RuntimeMount.proc());
        mounts.add(RuntimeMount.tmpfs("/dev", "nosuid", "strictatime", "mode=755", "size=64k"));
        mounts.add(RuntimeMount.tmpfs("/tmp", "nosuid", "nodev", "noexec", "mode=1777", "size=64m"));
        var fromHost = new ArrayList<>(List.of("usr"));
        PROGRAM_FOLDERS.stream().filter(name -> !Files.isSymbolicLink(host.resolve(name))).forEach(fromHost::add);
        fromHost.addAll(ETC);
        if (spec.hostNetwork()) {
            fromHost.addAll(ETC_OF_NETWORK);
        }
        for (var name : fromHost) {
            if (Files.exists(host.resolve(name))) {
                mounts.add(RuntimeMount.bind(host.resolve(name), "/" + name, false));
            }
        }
        for (var bind : spec.binds()) {
            mounts.add(RuntimeMount.bind(bind.source(), bind.target(), bind.writable()));
        }
        return mounts;
    }

    private RuntimeLinux linux(DomainSpec spec, String cgroup) throws IOException {
        var namespaces = new TreeSet<>(List.of("ipc", "mount", "pid", "uts"));
        if (!spec.hostNetwork()) {
            namespaces.add("network");
        }
        var devices = new ArrayList<RuntimeDevice>();
        for (var path : spec.devices()) {
            var device = DeviceNodes.read(path);
            devices.add(new RuntimeDevice(path.toString(), device.type(), device.major(), device.minor(),
                    spec.uid(), spec.gid()));
        }
        var limits = new RuntimeResources(spec.limits().memory(), spec.limits().cpus(), spec.limits().pids());
        return new RuntimeLinux(cgroup, namespaces, devices, limits, DangerousCalls.seccomp(spec.capabilities()));
    }
}
