package dev.hostal.linux;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// One cgroup: its folder in every hierarchy of the host.
public final class Cgroup {
    /// How often it is looked whether all are gone. Chosen.
    private static final Duration POLL = Duration.ofMillis(2);
    /// Period in which a quota of CPU time is given. Source: the default of sched-bwc.rst
    private static final long CPU_PERIOD_MICROS = 100_000;

    /// Controllers by which every process is counted.
    private static final Set<String> COUNTED = Set.of("memory", "pids");

    private final Cgroups host;
    private final String path;

    Cgroup(Cgroups host, String path) {
        this.host = host;
        this.path = path;
    }

    public boolean exists() {
        return folders().stream().anyMatch(Files::isDirectory);
    }

    /// Numbers of the processes in it and in the cgroups below it.
    public Set<Long> pids() throws IOException {
        var pids = new TreeSet<Long>();
        for (var folder : folders()) {
            for (var each : tree(folder)) {
                read(each, "cgroup.procs").ifPresent(text ->
                        text.lines().map(Long::parseLong).filter(pid -> pid > 0).forEach(pids::add));
            }
        }
        return pids;
    }

    /// Afterwards it is there, in every hierarchy that lets us.
    public void ensure() throws IOException {
        for (var folder : folders()) {
            Files.createDirectories(folder);
        }
        if (host.v2().isPresent() && host.layout() == Cgroups.Layout.V2) {
            enableControllers(host.v2().get());
        }
    }

    /// Moves a process into it.
    public void add(ProcessId process) throws IOException {
        for (var folder : folders()) {
            if (isUnused(folder)) continue;
            Files.writeString(folder.resolve("cgroup.procs"), Long.toString(process.pid()));
        }
    }

    /// Moves a process into it, where it matters to whom a process belongs: memory, number of processes, and the
    /// hierarchies without controllers, by which an init knows its services. Each move makes the kernel wait for all
    /// processors, so the others are left as they are.
    public void addCounted(ProcessId process) throws IOException {
        for (var folder : folders()) {
            if (!isCounted(folder)) continue;
            Files.writeString(folder.resolve("cgroup.procs"), Long.toString(process.pid()));
        }
    }

    /// Writes a value where the host has the controller and the file.
    ///
    /// @param v1File empty where version 1 has none, as with version 2
    public void set(String controller, String v1File, String v2File, String value) throws IOException {
        var v1 = host.v1(controller);
        var name = v1.isPresent() ? v1File : v2File;
        var root = v1.isPresent() ? v1 : host.v2();
        if (root.isEmpty() || name.isEmpty()) return;
        var file = root.get().resolve(path).resolve(name);
        if (Files.exists(file)) Files.writeString(file, value);
    }

    /// Limits CPU time; says whether the host has the controller for it.
    public boolean limitCpus(double cpus) throws IOException {
        long quota = Math.round(cpus * CPU_PERIOD_MICROS);
        if (host.v1("cpu").isPresent()) {
            return write("cpu", "cpu.cfs_period_us", "", Long.toString(CPU_PERIOD_MICROS))
                    && write("cpu", "cpu.cfs_quota_us", "", Long.toString(quota));
        }
        return write("cpu", "", "cpu.max", quota + " " + CPU_PERIOD_MICROS);
    }

    /// Stops every process in it, or lets them go on; returns when that is so.
    public void freeze(boolean frozen, Deadline deadline) throws IOException, InterruptedException {
        var v1 = host.v1("freezer").map(root -> root.resolve(path).resolve("freezer.state"));
        if (v1.isPresent()) {
            Files.writeString(v1.get(), frozen ? "FROZEN" : "THAWED");
        } else {
            Files.writeString(unified("cgroup.freeze"), frozen ? "1" : "0");
        }
        while (isFrozen() != frozen) {
            if (deadline.isPast()) throw new IOException("cgroup /%s did not %s".formatted(path, frozen ? "freeze" : "thaw"));
            Thread.sleep(POLL);
        }
    }

    /// Its folder where it is frozen.
    public Path freezer() throws IOException {
        return host.v1("freezer").or(host::v2).map(root -> root.resolve(path))
                .orElseThrow(() -> new IOException("this host has no cgroups that can be frozen"));
    }

    public boolean isFrozen() throws IOException {
        var v1 = host.v1("freezer").map(root -> root.resolve(path));
        if (v1.isPresent()) return read(v1.get(), "freezer.state").filter(state -> state.strip().equals("FROZEN")).isPresent();
        if (host.v2().isEmpty()) return false;
        return read(host.v2().get().resolve(path), "cgroup.events").filter(events -> events.contains("frozen 1")).isPresent();
    }

    private Path unified(String file) throws IOException {
        return host.v2().map(root -> root.resolve(path).resolve(file))
                .orElseThrow(() -> new IOException("this host has no cgroups that can be frozen"));
    }

    /// Whether a process in it was killed because it met its limit of memory; false where it is not there.
    public boolean ranOutOfMemory() throws IOException {
        return new CgroupReader(host, path).memoryKills() > 0;
    }

    public CgroupUsage usage() throws IOException {
        return new CgroupReader(host, path).usage();
    }

    /// Afterwards it is not there, in any hierarchy, and every process that was in it is gone.
    ///
    /// @throws IOException something did not go away before the deadline; the message says what
    public void ensureAbsent(ProcessTable table, Deadline deadline) throws IOException, InterruptedException {
        // Mostly it is empty already: then there is nothing to be read, and nobody to be killed.
        if (removeIfEmpty()) return;
        thaw();
        for (var pids = pids(); !pids.isEmpty(); pids = pids()) {
            killAll(table, pids);
            if (deadline.isPast()) throw new IOException("the processes %s of cgroup /%s stay".formatted(pids, path));
            Thread.sleep(POLL);
        }
        for (var folder : folders()) {
            for (var each : tree(folder).reversed()) {
                remove(each, deadline);
            }
        }
    }

    /// Deletes it where nothing is in it; otherwise it stays as it is, as far as that is so.
    ///
    /// @return whether it is there no more
    public boolean removeIfEmpty() throws IOException {
        for (var folder : folders()) {
            try {
                Files.deleteIfExists(folder);
            } catch (FileSystemException _) {
                // A process or another cgroup is in it, and so in the other hierarchies.
                return false;
            }
        }
        return true;
    }

    List<Path> folders() {
        return host.hierarchies().stream().map(root -> root.resolve(path)).toList();
    }

    private void killAll(ProcessTable table, Set<Long> pids) throws IOException {
        for (long pid : pids) {
            // A number that was used again since is no longer in the list: it cannot be killed by mistake.
            var id = table.find(pid);
            if (id.isPresent() && pids().contains(pid)) {
                table.kill(id.get());
            }
        }
    }

    /// What is frozen on v1 ends only when it is thawed.
    private void thaw() throws IOException {
        if (host.v1("freezer").isEmpty()) return;
        for (var folder : tree(host.v1("freezer").get().resolve(path))) {
            writeIfThere(folder.resolve("freezer.state"), "THAWED");
        }
    }

    private void remove(Path folder, Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            try {
                Files.deleteIfExists(folder);
                return;
            } catch (DirectoryNotEmptyException e) {
                if (deadline.isPast()) throw e;
            } catch (FileSystemException e) {
                // EBUSY: a process is on its way out.
                if (deadline.isPast()) throw e;
            }
            Thread.sleep(POLL);
        }
    }

    /// A folder and those below it, the parents first; none where it is missing.
    private static List<Path> tree(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isDirectory).sorted(Comparator.comparingInt(Path::getNameCount)).toList();
        } catch (NoSuchFileException _) {
            return List.of();       // It went away before it was read.
        } catch (UncheckedIOException e) {
            // One below it did while it was read.
            if (e.getCause() instanceof NoSuchFileException) return Files.exists(folder) ? tree(folder) : List.of();
            throw e.getCause();
        }
    }

    /// On a hybrid host the v2 hierarchy has no controller of ours, and cpuset needs values first.
    private boolean isUnused(Path folder) {
        var cpuset = host.v1("cpuset");
        return cpuset.isPresent() && folder.startsWith(cpuset.get());
    }

    private boolean isCounted(Path folder) {
        return host.isWithoutV1Controllers(folder) || COUNTED.stream().flatMap(name -> host.v1(name).stream())
                .anyMatch(folder::startsWith);
    }

    private void enableControllers(Path root) throws IOException {
        var wanted = new TreeSet<>(host.controllers());
        wanted.retainAll(Set.of("cpu", "memory", "pids", "io"));
        var folder = root;
        for (var name : Path.of(path).getParent() == null ? List.<Path>of() : Path.of(path).getParent()) {
            for (var controller : wanted) {
                writeIfThere(folder.resolve("cgroup.subtree_control"), "+" + controller);
            }
            folder = folder.resolve(name);
        }
        for (var controller : wanted) {
            writeIfThere(folder.resolve("cgroup.subtree_control"), "+" + controller);
        }
    }

    private boolean write(String controller, String v1File, String v2File, String value) throws IOException {
        var v1 = host.v1(controller);
        if (v1.isPresent()) {
            Files.writeString(v1.get().resolve(path).resolve(v1File), value);
            return true;
        }
        var v2 = host.v2().map(root -> root.resolve(path).resolve(v2File)).filter(Files::exists);
        if (v2.isEmpty()) return false;
        Files.writeString(v2.get(), value);
        return true;
    }

    private static void writeIfThere(Path file, String value) throws IOException {
        if (!Files.exists(file)) return;
        try {
            Files.writeString(file, value);
        } catch (NoSuchFileException _) {
            // It went away with its cgroup.
        }
    }

    static Optional<String> read(Path folder, String file) throws IOException {
        try {
            return Optional.of(Files.readString(folder.resolve(file)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            // ENODEV: the cgroup was removed between opening and reading. EOPNOTSUPP: a threaded cgroup.
            if (String.valueOf(e.getMessage()).matches(".*(No such device|not supported).*")) return Optional.empty();
            throw e;
        }
    }
}
