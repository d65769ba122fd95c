package dev.hostal.domain;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Domains of a user who is not root: processes in sessions of their own. They see what the user sees, run as the
/// user, and have no limits; every bind must have the same path inside as outside.
public final class PlainDomains implements Domains {
    /// In the environment of a domain's processes: the cgroup that it would have.
    private static final String MARK = "HOSTAL_DOMAIN";
    /// How long killing may take. Chosen.
    private static final Duration ABSENT_MAX = Duration.ofSeconds(30);
    /// How often it is looked whether all are gone. Chosen.
    private static final Duration POLL = Duration.ofMillis(5);
    /// Clock ticks a second in /proc, on every Linux that Java runs on. Source: proc(5), sysconf(_SC_CLK_TCK)
    private static final long TICKS_PER_SECOND = 100;

    private final DomainPlaces places;
    private final DetachedProcesses detached;
    private final ProcessTable table;

    PlainDomains(DomainPlaces places, DetachedProcesses detached, ProcessTable table) {
        this.places = places;
        this.detached = detached;
        this.table = table;
    }

    @Override public Domain start(DomainSpec spec, Deadline deadline) throws IOException, InterruptedException {
        var name = spec.name();
        for (var bind : spec.binds()) {
            if (bind.target().equals(bind.source().toString())) continue;
            throw new IOException("%s cannot be seen as %s without root".formatted(bind.source(), bind.target()));
        }
        if (find(name).isPresent()) throw new IOException("the domain %s runs already".formatted(name));
        ensureAbsent(name);
        var folder = places.folder(name);
        folder.ensure();
        Files.createDirectories(spec.outputLog().getParent());
        try {
            var process = detached.start(spec.argv(), environment(spec), Path.of(spec.workdir()), spec.outputLog());
            folder.write(process, places.bootId());
            return domain(name, process);
        } catch (IOException | RuntimeException e) {
            ensureAbsent(name);
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
        var root = places.cgroup("");
        for (var stat : table.list()) {
            var mark = table.environment(stat.id().pid(), MARK);
            if (mark.isPresent() && mark.get().startsWith(root)) {
                names.add(mark.get().substring(root.length()));
            }
        }
        return names;
    }

    @Override public void ensureAbsent(String name) throws IOException, InterruptedException {
        var deadline = Deadline.in(ABSENT_MAX);
        while (killAll(name)) {
            if (deadline.isPast()) throw new IOException("processes of the domain %s stay".formatted(name));
            Thread.sleep(POLL);
        }
        places.folder(name).ensureAbsent();
    }

    /// Kills what is there now; says whether there was something.
    private boolean killAll(String name) throws IOException {
        var mark = MARK + "=" + places.cgroup(name);
        boolean any = false;
        for (var stat : table.list()) {
            if (table.hasEnvironment(stat.id().pid(), mark)) {
                table.kill(stat.id());
                any = true;
            }
        }
        return any;
    }

    private Map<String, String> environment(DomainSpec spec) {
        var environment = new HashMap<String, String>();
        for (var variable : spec.env()) {
            var parts = variable.split("=", 2);
            environment.put(parts[0], parts.length == 2 ? parts[1] : "");
        }
        environment.put(MARK, places.cgroup(spec.name()));
        return environment;
    }

    private Domain domain(String name, ProcessId process) {
        return new RunningDomain(name, process, table, () -> stats(process));
    }

    /// Of the whole session, as far as its processes still run.
    private DomainStats stats(ProcessId leader) throws IOException {
        long ticks = 0;
        long memory = 0;
        int threads = 0;
        for (var stat : table.list()) {
            if (stat.session() != leader.pid()) continue;
            ticks += stat.cpuTicks();
            threads += stat.threads();
            memory += table.residentMemory(stat.id().pid()).count();
        }
        var cpu = Duration.ofMillis(1000 * ticks / TICKS_PER_SECOND);
        return new DomainStats(cpu, new Bytes(memory), Bytes.ZERO, threads, Bytes.ZERO, Bytes.ZERO);
    }
}
