package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.container.ContainerConfig.Network;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ForeignPrograms;
import dev.hostal.linux.Ownership;
import dev.hostal.linux.ProcessId;
import dev.hostal.model.Arch;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What is written and started for one container: its folders, its bundle, its agent.
final class ContainerStart {
    /// In the environment of the agent and the runtimes that it runs: finds them where no record names them.
    static final String MARK = "HOSTAL_CONTAINER";
    /// Asks the agent for a network of the container's own; container.c has the same.
    private static final String OWN_NETWORK = "HOSTAL_OWN_NETWORK";
    /// Names the network that it is to join instead, and the mounts whose /dev/shm it is to share, and where.
    private static final String JOINED_NETWORK = "HOSTAL_JOINED_NETWORK";
    private static final String SHARED_MEMORY_OF = "HOSTAL_SHARED_MEMORY_OF";
    private static final String SHARED_MEMORY = "HOSTAL_SHARED_MEMORY";
    /// Asks it for users of the container's own.
    private static final String USERS = "HOSTAL_USERS";
    private static final Path SUBUID = Path.of("/etc/subuid");
    /// Longest path of a Unix socket. Source: unix(7), `sun_path` of 108 bytes with its final zero.
    private static final int SOCKET_PATH_MAX = 107;
    /// What everybody in the container may do in its own network, as in Docker's.
    private static final List<String> SYSCTLS = List.of("net.ipv4.ip_unprivileged_port_start=0",
            "net.ipv4.ping_group_range=0 2147483647");

    private final MachineSpec spec;
    private final ContainerFiles files;
    private final ContainerFolders folders;
    private final ContainerHost host;
    private final Shared shared;
    private final ContainerDisks disks;

    ContainerStart(MachineSpec spec, ContainerFiles files, ContainerFolders folders, ContainerHost host, Shared shared,
            ContainerDisks disks) {
        this.shared = shared;
        this.spec = spec;
        this.files = files;
        this.folders = folders;
        this.host = host;
        this.disks = disks;
    }

    /// Says in a sentence why such a container cannot be.
    ///
    /// @throws Problem WRONG_ARCHITECTURE, UNSUPPORTED
    void check() {
        if (host.uid() != 0) throw new Problem(ErrorCode.UNSUPPORTED, """
                Containers need a daemon that runs as root; this one does not.
                Maybe make it a virtual machine with --vm: the same images work.""");
        if (!isRun(spec.arch())) throw new Problem(ErrorCode.WRONG_ARCHITECTURE, """
                A container uses the host's kernel, which is for %s; the image is for %s, and this host has no qemu-user for it.
                Maybe install the package qemu-user-static, which emulates such programs, or make it a virtual machine with --vm."""
                .formatted(host.arch().word(), spec.arch().word()));
        if (spec.program().isEmpty()) throw new Problem(ErrorCode.UNSUPPORTED,
                "A container runs a program, not an image's init.\nMaybe make it a virtual machine with --vm.");
        if (Confines.hasOwnUsers(spec.confinement()) && spec.nics().stream().anyMatch(nic ->
                nic.way() instanceof MachineNic.Way.Host || nic.way() instanceof MachineNic.Way.Joined)) throw new Problem(
                ErrorCode.BAD_REQUEST, """
                        A container with users of its own has a network of its own, not the host's or another container's.
                        Maybe leave out --userns, or --network.""");
        int length = files.agentSocket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > SOCKET_PATH_MAX) throw new Problem(ErrorCode.UNSUPPORTED, """
                The path of the runtime folder %s is too long: the socket in it would have %d bytes, and Linux takes %d.
                Maybe set HOSTAL_HOME to a shorter path.""".formatted(files.runtime(), length, SOCKET_PATH_MAX));
    }

    /// Kernels for x86_64 run programs for i386 as well.
    private boolean isRun(Arch arch) {
        return arch == host.arch() || arch == Arch.I386 && host.arch() == Arch.X86_64
                || ForeignPrograms.OF_HOST.ensure(arch.qemuUser());
    }

    /// The layers to be mounted, lowest first: of one that is there twice the upper hides the lower.
    List<Path> layers() {
        return List.copyOf(new LinkedHashSet<>(spec.root().layers().reversed())).reversed();
    }

    /// Chooses what starts a container of a configuration.
    @FunctionalInterface
    interface Choice {
        ContainerRuntimes.Chosen choose(JsonObject config) throws IOException, InterruptedException;
    }

    /// Afterwards everything is there that the agent and the runtime read.
    ///
    /// @return the runtime
    Path prepare(Path agent, SystemCalls calls, Cgroups cgroups, Choice choice)
            throws IOException, InterruptedException {
        for (var folder : List.of(files.instance(), files.runtime(), files.bundle(), files.root(), files.etc(),
                folders.runtimeState())) {
            Folders.ensurePrivate(folder);
        }
        if (spec.moment().disk().isPresent()) {
            disks.check(spec.moment().disk().get());
        } else {
            // The folder is there before anything is said.
            if (Files.exists(files.outputLog()) && !Files.isDirectory(files.upper())) {
                throw new Problem(ErrorCode.DISK_DAMAGED, "What the container has written is missing: there is no folder %s."
                        .formatted(files.upper()));
            }
            Folders.ensurePrivate(files.work());
            Files.createDirectories(files.upper());
            Files.setPosixFilePermissions(files.upper(), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        if (shared.memory().isPresent()) Folders.ensurePrivate(shared.memory().get());
        if (shared.etc().isEmpty()) new EtcFiles(files.etc(), spec.hostname(), spec.confinement(),
                EtcFiles.onBridges(spec.nics())).write();
        var users = users();
        if (users.isPresent() && shared.etc().isEmpty()) {
            for (var name : Folders.names(files.etc())) {
                Ownership.change(files.etc().resolve(name), (int) users.get().first(), (int) users.get().first());
            }
        }
        var mounts = new ContainerMounts(files.mounts(), spec.mounts(), users);
        mounts.write(files.bundle().resolve("mounts"));
        var config = new ContainerConfig(files.root(), hostname(), agent, shared.etc().orElse(files.etc()),
                folders.cgroupOf(files.briefId()), host.arch(), confines(cgroups), network(), files.network(),
                network() == Network.OWN ? sysctls() : Map.of(),
                mounts, shared, users, files.users());
        var json = config.toJson(calls);
        var chosen = choice.choose(json);
        var completed = chosen.completed(json);
        if (spec.moment().checkpoint().isPresent()) completed = Criu.restorable(completed, files.bundle().resolve("criu.conf"),
                spec.program().orElseThrow().tty());
        Files.writeString(files.bundle().resolve("config.json"), completed.toText());
        return chosen.program();
    }

    /// Starts the agent, which has mounted nothing yet and waits to be told.
    ///
    /// @param goingOn what its program goes on from
    ProcessId startAgent(Path agent, Path runtime, Optional<Restoring> goingOn, DetachedProcesses detached)
            throws IOException {
        var argv = new ArrayList<>(List.of(agent.toString(), "--socket", files.agentSocket().toString(),
                "--log", files.outputLog().toString(), "--container", runtime.toString(),
                folders.runtimeState().toString(), files.bundle().toString(), files.briefId(),
                folders.layers().toString(), files.root().toString(), upper().toString(), work().toString()));
        for (var layer : layers()) {
            argv.add(layer.toString());
            argv.add(folders.mountPoint(layer).toString());
        }
        var env = new TreeMap<>(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", MARK, files.runtime().toString()));
        if (network() == Network.OWN) env.put(OWN_NETWORK, "1");
        users().ifPresent(own -> env.put(USERS, own.map()));
        goingOn.ifPresent(from -> env.putAll(from.environment()));
        shared.network().ifPresent(path -> env.put(JOINED_NETWORK, path.toString()));
        shared.memory().ifPresent(place -> env.put(SHARED_MEMORY, place.toString()));
        shared.ipc().ifPresent(pid -> env.put(SHARED_MEMORY_OF, "/proc/%d/ns/mnt".formatted(pid)));
        return detached.start(argv, env, Path.of("/"), files.agentLog());
    }

    /// That of whose network it has.
    String hostname() {
        return shared.hostname().orElse(spec.hostname());
    }

    /// Its own, where that was asked for.
    private Optional<OwnUsers> users() throws IOException {
        if (!Confines.hasOwnUsers(spec.confinement())) return Optional.empty();
        return Optional.of(OwnUsers.of(files.briefId(), SUBUID));
    }

    private Path upper() {
        return spec.moment().disk().map(disks::upper).orElse(files.upper());
    }

    private Path work() {
        return spec.moment().disk().map(disks::work).orElse(files.work());
    }

    private Network network() {
        if (shared.network().isPresent()) return Network.JOINED;
        return spec.nics().stream().anyMatch(nic -> nic.way() instanceof MachineNic.Way.Host) ? Network.HOST : Network.OWN;
    }

    private Confines confines(Cgroups cgroups) throws IOException {
        return Confines.of(spec.confinement(), new Resources(limit(spec.memory()),
                spec.cpus() < host.cpus() ? Optional.of((double) spec.cpus()) : Optional.empty(), spec.limits(),
                cgroups.layout()), cgroups.namesOfVersion1());
    }

    private Optional<Bytes> limit(Bytes memory) {
        return memory.compareTo(host.memory()) < 0 ? Optional.of(memory) : Optional.empty();
    }

    /// Those that this kernel has: a runtime refuses the others.
    private Map<String, String> sysctls() throws IOException {
        var known = new TreeMap<String, String>();
        for (var line : SYSCTLS) {
            int equals = line.indexOf('=');
            var file = Path.of("/proc/sys", line.substring(0, equals).split("\\."));
            if (Files.exists(file)) known.put(line.substring(0, equals), line.substring(equals + 1));
        }
        // Groups that these users do not have cannot be named.
        if (users().isPresent()) known.replace("net.ipv4.ping_group_range", "0 " + (OwnUsers.COUNT - 1));
        return known;
    }
}
