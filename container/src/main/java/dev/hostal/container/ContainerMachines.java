package dev.hostal.container;

import dev.hostal.agent.AgentGuest;
import dev.hostal.agent.AgentLogs;
import dev.hostal.base.Cause;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.base.Undo;
import dev.hostal.linux.Cgroup;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Kind;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Progress;
import dev.hostal.spi.Roots;
import dev.hostal.spi.WrittenLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Containers by an OCI runtime, each with an agent beside it.
///
/// One container is asked for by one thread at a time; different ones by any number of threads.
///
/// Steps of a start, and what is left when everything is killed after each: folders and the record without an agent; the
/// agent, found by its environment; the record with it; mounted layers, counted by records; the overlay, gone with the
/// agent; the runtime, which ends with the agent; the cgroup. [#ensureStopped] removes them in this order, the record last.
public final class ContainerMachines implements MachineDriver, WrittenLayers, AutoCloseable {
    /// How long killing and removing may take. Chosen: longer only when a disk hangs.
    private static final Duration ABSENT_MAX = Duration.ofSeconds(30);

    private final ContainerFolders folders;
    private final ContainerHost host;
    private final ProcessTable table;
    private final DetachedProcesses detached;
    private final Processes processes;
    private final Cgroups cgroups;
    private final Clock clock;
    private final SystemCalls calls;
    private final Layers layers;
    private final ContainerNics nics = new ContainerNics();
    private final ContainerRuntimes runtimes;
    private final ContainerRoots roots;
    private final ContainerDisks disks;
    private final ContainerCheckpoints checkpoints;
    private final Criu criu;
    private final ContainerAgents agents;
    private final Tidying tidying = new Tidying(this::tidy);
    /// Connections by brief id: an agent serves one client at a time.
    private final ConcurrentHashMap<String, ContainerMachine> connected = new ConcurrentHashMap<>();

    /// @param crun its program, where it is installed: tried first
    public ContainerMachines(ContainerFolders folders, ContainerHost host, ProcessTable table,
            DetachedProcesses detached, Processes processes, Optional<Path> crun, Cgroups cgroups, Clock clock)
            throws IOException {
        this.folders = folders;
        this.host = host;
        this.table = table;
        this.detached = detached;
        this.processes = processes;
        this.cgroups = cgroups;
        this.clock = clock;
        this.calls = SystemCalls.ofResource();
        this.agents = new ContainerAgents(folders, host, table, cgroups);
        this.layers = new Layers(folders, Layers.Unmounting.HOST);
        this.runtimes = new ContainerRuntimes(folders, host, processes, crun, this::ensureStopped);
        this.disks = new ContainerDisks(folders.disks(), processes);
        disks.clean();
        this.checkpoints = new ContainerCheckpoints(folders.checkpoints());
        this.criu = new Criu(host, processes);
        this.roots = new ContainerRoots(folders, host, processes, agents::running, disks);
        // What a killed daemon has not come to.
        tidying.soon();
    }

    @Override public Kind kind() {
        return Kind.CONTAINER;
    }

    @Override public Machine start(MachineSpec spec, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var there = find(spec.id(), deadline);
        if (there.isPresent()) return there.get();
        var files = folders.of(spec.id().brief());
        new ContainerStart(spec, files, folders, host, Shared.NOTHING, disks).check();
        var start = new ContainerStart(spec, files, folders, host,
                Shared.of(spec, folders, new Running(), files.sharedMemory()), disks);
        var agent = agents.program(deadline);
        var from = goingOn(spec, deadline);
        ensureStopped(files.briefId());
        try (var undo = new Undo()) {
            undo.add(() -> takeBack(files.briefId()));
            progress.report(from.isEmpty() ? "starting a container" : "going on with a container");
            layers.use(files.briefId(), start.layers());
            var runtime = start.prepare(agent, calls, cgroups,
                    config -> from.isPresent() ? new ContainerRuntimes.Chosen(restorer(deadline), Optional.empty())
                            : needsTheUsualRuntime(spec) ? new ContainerRuntimes.Chosen(host.runtime().get(deadline),
                                    Optional.empty())
                            : runtimes.choose(config, agent, deadline));
            logs(files).repair();
            var record = new ContainerRecord(spec.id(), clock.instant(), runtime.getFileName().toString(),
                    start.hostname(), start.layers(), spec.program().orElseThrow(), Optional.empty(), spec.nics(),
                    spec.limits().logSize());
            record.write(files.record());
            var process = start.startAgent(agent, runtime, from, detached);
            record = record.with(new ContainerRecord.Agent(process, host.bootId()));
            record.write(files.record());
            // Moving a process into a cgroup makes the kernel wait for all others: meanwhile the root is mounted.
            var placed = new FutureTask<Void>(() -> {
                agents.place(process);
                return null;
            });
            Thread.ofVirtual().name("place-" + files.briefId()).start(placed);
            var machine = connect(record, process, files, true, deadline);
            await(placed);
            undo.commit();
            return machine;
        }
    }

    @Override public Optional<Machine> find(InstanceId id, Deadline deadline)
            throws IOException, InterruptedException {
        var brief = id.brief();
        var known = Optional.ofNullable(connected.get(brief));
        if (known.isPresent() && known.get().isUsable()) return Optional.of(known.get());
        known.ifPresent(ContainerMachine::close);
        var files = folders.of(brief);
        var record = ContainerRecord.read(files.record());
        var agent = record.flatMap(agents::of);
        if (agent.isEmpty() || !table.isAlive(agent.get())) return Optional.empty();
        try {
            return Optional.of(connect(record.get(), agent.get(), files, false, deadline));
        } catch (IOException e) {
            if (table.isAlive(agent.get())) throw e;
            return Optional.empty();            // It ended while it was being found.
        }
    }

    @Override public Set<String> known() throws IOException {
        var known = new TreeSet<>(cgroups.childrenOf(folders.cgroup()));
        known.addAll(Folders.names(folders.containers()));
        known.addAll(Folders.names(folders.instances()));
        known.addAll(Folders.names(folders.runtimeState()));
        known.removeIf(name -> !ContainerFiles.isBrief(name));
        return known;
    }

    @Override public void ensureStopped(String briefId) throws IOException, InterruptedException {
        var files = folders.of(briefId);
        Optional.ofNullable(connected.remove(briefId)).ifPresent(ContainerMachine::close);
        var cgroup = cgroup(briefId);
        var state = folders.runtimeState().resolve(briefId);
        if (!Files.exists(files.runtime()) && !cgroup.exists() && !Files.exists(state)) return;
        var deadline = Deadline.in(ABSENT_MAX);
        agents.ensureEnded(files, deadline);
        cgroup.ensureAbsent(table, deadline);
        Folders.ensureAbsent(state);
        // Last, because with the folder goes the knowledge that there may be something else.
        Folders.ensureAbsent(files.runtime());
        layers.release(briefId);
        tidying.soon();
    }

    @Override public void ensureAbsent(String briefId) throws IOException, InterruptedException {
        ensureStopped(briefId);
        Folders.ensureAbsent(folders.of(briefId).instance());
    }

    @Override public boolean ranOutOfMemory(String briefId) throws IOException {
        return cgroup(briefId).ranOutOfMemory();
    }

    @Override public Path written(String briefId) {
        return folders.of(briefId).upper();
    }

    @Override public MachineLogs logs(InstanceId id) {
        return logs(folders.of(id.brief()));
    }

    @Override public Optional<Roots> roots() {
        return Optional.of(roots);
    }

    @Override public Optional<PointsInTime> pointsInTime() {
        return Optional.of(new ContainerPointsInTime(this, folders, disks, checkpoints));
    }

    /// The running container of that id.
    Optional<ContainerMachine> running(InstanceId id, Deadline deadline) throws IOException, InterruptedException {
        return find(id, deadline).isPresent() ? Optional.ofNullable(connected.get(id.brief())) : Optional.empty();
    }

    /// @throws Problem UNSUPPORTED, ENGINE_MISSING: why memory of containers cannot be kept here
    void requireCheckpoints(Deadline deadline) throws IOException, InterruptedException {
        host.criu().get(deadline);
        restorer(deadline);
    }

    /// Writes the memory of a frozen container.
    void dump(ContainerMachine machine, Path images, Deadline deadline) throws IOException, InterruptedException {
        machine.dump(criu, images, deadline);
    }

    /// What a container goes on from.
    private Optional<Restoring> goingOn(MachineSpec spec, Deadline deadline) throws IOException, InterruptedException {
        if (spec.moment().checkpoint().isEmpty()) return Optional.empty();
        return Optional.of(new Restoring(host.criu().get(deadline), checkpoints.images(spec.moment().checkpoint().get()),
                folders.of(spec.id().brief()).instance(),
                Optional.of(spec.hostname()).filter(_ -> !"host".equals(spec.confinement().utsNamespace().orElse("")))));
    }

    /// crun knows neither users that the agent has shifted already, nor, in cgroups of version 1, the weight that today's
    /// kernels have. Source: crun 1.8.1, libcrun/cgroup-resources.c, "blkio.weight".
    private static boolean needsTheUsualRuntime(MachineSpec spec) {
        return Confines.hasOwnUsers(spec.confinement()) || spec.limits().ioWeight().isPresent();
    }

    /// crun restores only where it was built with CRIU's library, which Debian's is not.
    private Path restorer(Deadline deadline) throws IOException, InterruptedException {
        var runtime = host.runtime().get(deadline);
        if (runtime.getFileName().toString().equals("runc")) return runtime;
        throw new Problem(ErrorCode.ENGINE_MISSING, """
                Containers go on from their memory by runc, and this host has %s.
                Maybe run, as root: apt-get install runc""".formatted(runtime));
    }

    @Override public List<Probe> probes() throws IOException, InterruptedException {
        return new ContainerProbes(host).all();
    }

    private ContainerMachine connect(ContainerRecord record, ProcessId agent, ContainerFiles files, boolean plugs,
            Deadline deadline)
            throws IOException, InterruptedException {
        var guest = AgentGuest.connect(agents.dial(files, agent, deadline), files.outputLog(), deadline);
        boolean usable = false;
        try {
            if (plugs) nics.plug(record.nics(), agent);
            guest.configure(record.config(), deadline);
            var machine = new ContainerMachine(files, record, agent, table, cgroup(files.briefId()),
                    new NextJoin(cgroups.at(folders.cgroupOfAgents()), table, agent), guest, logs(files), nics,
                    gone -> connected.remove(files.briefId(), gone));
            connected.put(files.briefId(), machine);
            usable = true;
            return machine.watched();
        } finally {
            if (!usable) guest.close();
        }
    }

    private static void await(FutureTask<Void> task) throws IOException, InterruptedException {
        try {
            task.get();
        } catch (ExecutionException e) {
            throw Cause.again(e.getCause());
        }
    }

    /// Takes away what containers share and none needs.
    void tidy() throws IOException {
        layers.unmountUnused();
        agents.removeEmptyCgroups();
    }

    /// Lets go of what nobody needs; containers run on.
    @Override public void close() throws IOException {
        tidying.close();
        tidy();
    }

    /// Containers that others share something with.
    private final class Running implements Shared.Others {
        @Override public ContainerRecord record(InstanceId id) throws IOException {
            var record = ContainerRecord.read(folders.of(id.brief()).record());
            var agent = record.flatMap(agents::of);
            if (agent.isEmpty() || !table.isAlive(agent.get())) {
                throw new IOException("container %s does not run".formatted(id.brief()));
            }
            return record.get();
        }

        @Override public long pid(InstanceId id) throws IOException {
            var agent = record(id).agent().orElseThrow().process();
            return OwnProgram.find(table, cgroup(id.brief()), agent).map(ProcessId::pid).orElseThrow(() ->
                    new IOException("the program of container %s has ended".formatted(id.brief())));
        }
    }

    private Cgroup cgroup(String briefId) {
        return cgroups.at(folders.cgroupOf(briefId));
    }

    private AgentLogs logs(ContainerFiles files) {
        return new AgentLogs(files.outputLog(), files.consoleLog(), () -> agents.running(files).isPresent());
    }

    /// Ends what a failed start has left, also when the reason was an interrupt.
    private void takeBack(String briefId) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            ensureStopped(briefId);
        } catch (InterruptedException e) {
            interrupted = true;
            throw new IOException("interrupted while a failed start was taken back", e);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
