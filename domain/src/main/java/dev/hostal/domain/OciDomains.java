package dev.hostal.domain;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Cgroup;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.Command;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Domains made by an OCI runtime; needs root. The runtime is run only to start them: they are found, counted and
/// ended through the kernel, so that nothing depends on what a killed runtime has left.
///
/// Steps of a start, and what is left when everything is killed after each: the folder with the bundle; the runtime's
/// state; the cgroup; processes in it; `domain.json`. Only with the last one is there a domain; before it,
/// [#ensureAbsent] removes whatever there is.
public final class OciDomains implements Domains {
    /// How long killing and deleting may take. Chosen: longer only when a disk hangs.
    private static final Duration ABSENT_MAX = Duration.ofSeconds(30);
    /// Marks the runtime's own processes, which are in no cgroup of ours.
    private static final String MARK = "HOSTAL_DOMAIN";
    /// Chosen: a runtime starts a handful of processes, one after another.
    private static final int KILL_ROUNDS_MAX = 100;
    /// Bytes of the runtime's complaint that are told. Chosen.
    private static final int COMPLAINT_MAX = 2000;

    private final DomainPlaces places;
    private final DomainBundle bundle;
    private final OciRuntimes runtimes;
    private final Processes processes;
    private final ProcessTable table;
    private final Cgroups cgroups;
    /// Read: a start is under way. Write: the root of our cgroups is being removed.
    private final ReentrantReadWriteLock root = new ReentrantReadWriteLock();

    OciDomains(DomainPlaces places, DomainBundle bundle, OciRuntimes runtimes, Processes processes,
            ProcessTable table, Cgroups cgroups) {
        this.places = places;
        this.bundle = bundle;
        this.runtimes = runtimes;
        this.processes = processes;
        this.table = table;
        this.cgroups = cgroups;
    }

    @Override public Domain start(DomainSpec spec, Deadline deadline) throws IOException, InterruptedException {
        var runtime = runtimes.working(deadline);
        var name = spec.name();
        if (find(name).isPresent()) throw new IOException("the domain %s runs already".formatted(name));
        ensureAbsent(name);
        try {
            return startAbsent(runtime, spec, deadline);
        } catch (IOException | InterruptedException | RuntimeException e) {
            removeAfter(name, e);
            throw e;
        }
    }

    @Override public Optional<Domain> find(String name) throws IOException {
        if (!DomainSpec.isName(name)) return Optional.empty();
        var process = places.folder(name).read(places.bootId());
        if (process.isEmpty() || !table.isAlive(process.get())) return Optional.empty();
        return Optional.of(domain(name, process.get()));
    }

    @Override public Set<String> names() throws IOException {
        var names = new TreeSet<>(DomainFolder.names(places.folders()));
        names.addAll(DomainFolder.names(places.runtimeState()));
        cgroups.childrenOf(places.cgroupRoot()).stream().filter(DomainSpec::isName).forEach(names::add);
        return names;
    }

    @Override public void ensureAbsent(String name) throws IOException, InterruptedException {
        var folder = places.folder(name);
        var cgroup = cgroup(name);
        var state = places.runtimeState().resolve(name);
        if (!folder.exists() && !cgroup.exists() && !Files.exists(state)) return;
        var deadline = Deadline.in(ABSENT_MAX);
        if (!folder.isComplete()) {
            killRuntime(name);
        }
        cgroup.ensureAbsent(table, deadline);
        removeEmptyRoot();
        Folders.ensureAbsentWithMounts(state);
        // Last, because with the folder goes the knowledge that there may be something else.
        folder.ensureAbsent();
    }

    /// With the last domain goes the cgroup that holds them all, unless another is just being started.
    private void removeEmptyRoot() throws IOException {
        if (!root.writeLock().tryLock()) return;
        try {
            cgroups.at(places.cgroupRoot()).removeIfEmpty();
        } finally {
            root.writeLock().unlock();
        }
    }

    private Domain startAbsent(Path runtime, DomainSpec spec, Deadline deadline)
            throws IOException, InterruptedException {
        root.readLock().lockInterruptibly();
        try {
            var folder = places.folder(spec.name());
            folder.ensure();
            bundle.write(spec, places.cgroup(spec.name()), folder.path());
            var process = run(runtime, spec, folder, deadline);
            folder.write(process, places.bootId());
            return domain(spec.name(), process);
        } finally {
            root.readLock().unlock();
        }
    }

    private ProcessId run(Path runtime, DomainSpec spec, DomainFolder folder, Deadline deadline)
            throws IOException, InterruptedException {
        var pidFile = folder.path().resolve("pid");
        var log = folder.path().resolve("runtime.log");
        Files.createDirectories(places.runtimeState());
        Files.createDirectories(spec.outputLog().getParent());
        var command = Command.of(runtime.toString(), "--root", places.runtimeState().toString(),
                        "--log", log.toString(), "run", "--detach", "--bundle", folder.path().toString(),
                        "--pid-file", pidFile.toString(), spec.name())
                .withEnv(MARK, places.cgroup(spec.name()))
                .withStdout(new Command.Stdout.Appended(spec.outputLog()));
        var exit = processes.run(command, deadline);
        if (exit.status() != 0) {
            throw new IOException("%s did not start the domain %s (status %d): %s"
                    .formatted(runtime, spec.name(), exit.status(), complaint(log)));
        }
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        return table.find(pid).orElseThrow(() -> new IOException("the program %s of the domain %s ended at once; see %s"
                .formatted(spec.argv().getFirst(), spec.name(), spec.outputLog())));
    }

    private static String complaint(Path log) throws IOException {
        try {
            var text = Files.readString(log).strip();
            return text.length() > COMPLAINT_MAX ? text.substring(text.length() - COMPLAINT_MAX) : text;
        } catch (NoSuchFileException _) {
            return "it says nothing";
        }
    }

    /// A runtime that works on for a daemon that was killed would make again what is being removed. It is looked for again
    /// and again: it may start others while it is being found.
    private void killRuntime(String name) throws IOException {
        var mark = MARK + "=" + places.cgroup(name);
        for (int round = 0; round < KILL_ROUNDS_MAX; round++) {
            boolean found = false;
            for (var stat : table.list()) {
                if (!table.hasEnvironment(stat.id().pid(), mark)) continue;
                found = true;
                if (isOfARuntime(stat.session(), mark)) table.killSession(stat.session());
                table.kill(stat.id());
            }
            if (!found) return;
        }
    }

    /// A runtime leads a session of its own, but not from its very first moment: until then its session is that
    /// of its daemon, or of the shell from which that was started, and nobody else in it is to be harmed.
    private boolean isOfARuntime(long session, String mark) throws IOException {
        return table.find(session).isEmpty() || table.hasEnvironment(session, mark);
    }

    private void removeAfter(String name, Exception failure) {
        boolean interrupted = Thread.interrupted();
        try {
            ensureAbsent(name);
        } catch (IOException e) {
            failure.addSuppressed(e);
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Domain domain(String name, ProcessId process) {
        return new RunningDomain(name, process, table, () -> {
            var usage = cgroup(name).usage();
            return new DomainStats(usage.cpu(), usage.memory(), usage.memoryMax(), usage.pids(),
                    usage.diskRead(), usage.diskWritten());
        });
    }

    private Cgroup cgroup(String name) {
        return cgroups.at(places.cgroup(name));
    }
}
