package dev.hostal.container;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `config.json` of a container's bundle. Its program is always the agent (see inside.c), which becomes the real one:
/// nothing here depends on what runs. Source: OCI runtime-spec 1.0.2, config.md, config-linux.md.
///
/// @param agent the agent's program on the host
/// @param cgroup absolute: from the root of each hierarchy
/// @param sysctls of the container's own namespaces
/// @param mounts what it sees beside its image
/// @param shared namespaces of other containers that it has
/// @param users empty: the host's
record ContainerConfig(
        Path root, String hostname, Path agent, Path etc, String cgroup, Arch arch, Confines confines,
        Network network, Path networkFile,
        Map<String, String> sysctls, ContainerMounts mounts, Shared shared, Optional<OwnUsers> users, Path usersFile) {
    /// Where the agent is in the container; container.c has the same.
    static final String AGENT_INSIDE = "/dev/.hostal";
    private static final String OCI_VERSION = "1.0.2";

    /// Which network the container is in.
    enum Network {
        /// Its own, with loopback and what was plugged in.
        OWN,
        /// Another container's.
        JOINED,
        /// The host's.
        HOST
    }

    ContainerConfig {
        sysctls = Map.copyOf(sysctls);
    }

    JsonObject toJson(SystemCalls calls) throws IOException {
        var json = new JsonObject()
                .put("ociVersion", OCI_VERSION)
                .put("process", process())
                .put("root", new JsonObject().put("path", users.isPresent() ? OwnUsers.ROOT.toString() : root.toString())
                        .put("readonly", confines.wanted().readOnlyRoot()));
        if (!confines.sharesUts()) json.put("hostname", hostname);
        return json.putObjects("mounts", mounts.with(ownMounts())).put("linux", linux(calls));
    }

    private JsonObject process() {
        var env = new ArrayList<>(List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        env.addAll(confines.environment());
        return confines.process(new JsonObject()
                .put("terminal", false)
                .put("user", new JsonObject().put("uid", 0).put("gid", 0))
                .putTexts("args", List.of(AGENT_INSIDE, "--inside"))
                .putTexts("env", env)
                .put("cwd", "/"));
    }

    private List<JsonObject> ownMounts() {
        var mounts = new ArrayList<>(List.of(
                mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
                        "gid=5"),
                mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", confines.shmOptions()),
                mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")));
        if (network == Network.HOST) {
            // The kernel lets only the owner of a network mount a sysfs of it.
            mounts.set(5, mount("/sys", "bind", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro"));
        }
        if (shared.memory().isPresent()) {
            mounts.set(3, mount("/dev/shm", "bind", shared.memory().get().toString(), "rbind", "nosuid", "noexec", "nodev"));
        }
        if (confines.sharesIpc()) {
            mounts.set(3, mount("/dev/shm", "bind", "/dev/shm", "rbind", "nosuid", "noexec", "nodev"));
        }
        if (confines.wanted().privileged()) {
            mounts.set(5, mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "rw"));
            mounts.set(6, mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "rw"));
        }
        if (!confines.hasShm()) mounts.remove(3);
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

    private JsonObject linux(SystemCalls calls) throws IOException {
        var namespaces = new ArrayList<>(confines.namespaces());
        var all = new ArrayList<>(namespaces.stream().map(type -> shared.namespace(type)).toList());
        // Made or joined by the agent, which binds it there before the runtime looks.
        if (network != Network.HOST) all.add(new JsonObject().put("type", "network").put("path", networkFile.toString()));
        // Made by the agent, too.
        users.ifPresent(_ -> all.add(new JsonObject().put("type", "user").put("path", usersFile.toString())));
        var json = new JsonObject();
        users.ifPresent(own -> json.putObjects("uidMappings", List.of(own.mapping()))
                .putObjects("gidMappings", List.of(own.mapping())));
        mounts.rootPropagation().forEach(propagation -> json.put("rootfsPropagation", propagation));
        return confines.linux(json
                .put("cgroupsPath", cgroup)
                .putObjects("namespaces", all),
                calls, arch, sysctls);
    }
}
