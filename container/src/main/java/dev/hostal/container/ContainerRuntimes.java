package dev.hostal.container;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Command;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Which OCI runtime starts a container: crun where it works, for it needs a quarter of runc's time; otherwise the one
/// that works for the host's domains.
///
/// Once a boot for each list of system calls crun is tried by creating a container that is never started. What it then
/// has made of the list, a program for the kernel, is kept and given to it ready-made from then on: making it takes
/// longer than all the rest of a start. Source: crun(1), `run.oci.seccomp_bpf_data`; where a crun does not know that
/// annotation it takes the list itself, as runc does.
final class ContainerRuntimes {
    /// Named like an instance, so that whatever a killed daemon leaves of a trial is removed like one.
    static final String TRIAL = "0".repeat(12);
    private static final Duration TRIAL_MAX = Duration.ofSeconds(20);
    private static final String FILTER = "run.oci.seccomp_bpf_data";
    /// Longest filter that is given ready-made. Chosen: the usual one has 8 KB.
    private static final int FILTER_MAX = 64 << 10;

    /// What starts a container.
    ///
    /// @param filter what it has made of the list of system calls; empty where it has to do that itself
    record Chosen(Path program, Optional<byte[]> filter) {
        /// The configuration as this runtime is to have it.
        JsonObject completed(JsonObject config) {
            filter.ifPresent(bytes -> config.put("annotations",
                    config.findObject("annotations").orElseGet(JsonObject::new)
                            .put(FILTER, Base64.getEncoder().encodeToString(bytes))));
            return config;
        }
    }

    /// Takes away what a trial has left.
    @FunctionalInterface
    interface Removal {
        void ensureStopped(String briefId) throws IOException, InterruptedException;
    }

    private final ContainerFolders folders;
    private final ContainerHost host;
    private final Processes processes;
    private final Optional<Path> crun;
    private final Removal removal;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final Map<String, Optional<Chosen>> verdicts = new HashMap<>();

    /// @param crun its program, where it is installed
    ContainerRuntimes(ContainerFolders folders, ContainerHost host, Processes processes, Optional<Path> crun,
            Removal removal) {
        this.folders = folders;
        this.host = host;
        this.processes = processes;
        this.crun = crun;
        this.removal = removal;
    }

    /// @param config what is to be started
    /// @throws dev.hostal.base.Problem ENGINE_MISSING: says what is missing
    Chosen choose(JsonObject config, Path agent, Deadline deadline) throws IOException, InterruptedException {
        if (crun.isPresent()) {
            var fast = verdict(crun.get(), config, agent, deadline);
            if (fast.isPresent()) return fast.get();
        }
        return new Chosen(host.runtime().get(deadline), Optional.empty());
    }

    private Optional<Chosen> verdict(Path program, JsonObject config, Path agent, Deadline deadline)
            throws IOException, InterruptedException {
        var calls = config.object("linux").findObject("seccomp");
        var key = key(program, calls);
        oneAtATime.lockInterruptibly();
        try {
            var known = verdicts.get(key);
            if (known != null) return known;
            var verdict = tried(program, key, calls, agent, deadline);
            verdicts.put(key, verdict);
            return verdict;
        } finally {
            oneAtATime.unlock();
        }
    }

    private Optional<Chosen> tried(Path program, String key, Optional<JsonObject> calls, Path agent, Deadline deadline)
            throws IOException, InterruptedException {
        var kept = folders.filters().resolve(key);
        if (Files.exists(kept)) return Optional.of(new Chosen(program, filter(kept)));
        try {
            var filter = tryOut(program, calls, agent, deadline.orIn(TRIAL_MAX));
            Folders.ensurePrivate(folders.filters());
            var next = kept.resolveSibling(key + ".new");
            Files.write(next, filter.orElse(new byte[0]));
            Files.move(next, kept, StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(new Chosen(program, filter));
        } catch (IOException refused) {
            System.getLogger(ContainerRuntimes.class.getName()).log(System.Logger.Level.INFO,
                    "container.crun-passed-over because=" + refused.getMessage());
            return Optional.empty();
        }
    }

    /// A container is created and removed again.
    ///
    /// @return its filter
    private Optional<byte[]> tryOut(Path program, Optional<JsonObject> calls, Path agent, Deadline deadline)
            throws IOException, InterruptedException {
        var files = folders.of(TRIAL);
        removal.ensureStopped(TRIAL);
        try {
            for (var folder : List.of(files.runtime(), files.bundle(), files.root(), folders.runtimeState())) {
                Folders.ensurePrivate(folder);
            }
            Files.writeString(files.bundle().resolve("config.json"), config(files, calls, agent).toText());
            var log = files.runtime().resolve("log");
            var exit = processes.run(Command.of(agent.toString(), "--try", program.toString(), "--root",
                            folders.runtimeState().toString(), "create", "--bundle", files.bundle().toString(), TRIAL)
                    .withEnv(ContainerStart.MARK, files.runtime().toString())
                    .withStdout(new Command.Stdout.Appended(log)), deadline);
            if (exit.status() != 0) throw new IOException("%s: %s".formatted(program, Files.readString(log).strip()));
            return filter(folders.runtimeState().resolve(TRIAL).resolve("seccomp.bpf"));
        } finally {
            removal.ensureStopped(TRIAL);
        }
    }

    private static Optional<byte[]> filter(Path file) throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0 || Files.size(file) > FILTER_MAX) return Optional.empty();
        return Optional.of(Files.readAllBytes(file));
    }

    /// Everything that a verdict depends on.
    private String key(Path program, Optional<JsonObject> calls) throws IOException {
        var text = String.join("\n", host.bootId(), program.toString(), Long.toString(Files.size(program)),
                Files.getLastModifiedTime(program).toString(), calls.map(JsonObject::toText).orElse(""));
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private JsonObject config(ContainerFiles files, Optional<JsonObject> calls, Path agent) {
        var linux = new JsonObject().put("cgroupsPath", folders.cgroupOf(TRIAL))
                .putObjects("namespaces", List.of("cgroup", "ipc", "mount", "pid", "uts", "network").stream()
                        .map(type -> new JsonObject().put("type", type)).toList())
                .put("resources", new JsonObject()
                        .putObjects("devices", List.of(new JsonObject().put("allow", false).put("access", "rwm")))
                        .put("pids", new JsonObject().put("limit", 16)))
                .putTexts("maskedPaths", List.of("/proc/kcore"))
                .putTexts("readonlyPaths", List.of("/proc/sys"));
        calls.ifPresent(list -> linux.put("seccomp", list));
        return new JsonObject().put("ociVersion", "1.0.2")
                .put("process", new JsonObject().put("terminal", false)
                        .put("user", new JsonObject().put("uid", 0).put("gid", 0))
                        .putTexts("args", List.of(ContainerConfig.AGENT_INSIDE, "--inside"))
                        .put("cwd", "/").put("noNewPrivileges", false))
                .put("root", new JsonObject().put("path", files.root().toString()).put("readonly", false))
                .put("hostname", "trial")
                .putObjects("mounts", List.of(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                        mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755"),
                        mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                        mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "ro"),
                        mount(ContainerConfig.AGENT_INSIDE, "bind", agent.toString(), "bind", "ro", "nosuid", "nodev")))
                .put("linux", linux);
    }

    private static JsonObject mount(String destination, String type, String source, String... options) {
        return new JsonObject().put("destination", destination).put("type", type).put("source", source)
                .putTexts("options", List.of(options));
    }
}
