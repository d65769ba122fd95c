package dev.hostal.qemu;

import dev.hostal.agent.AgentLogs;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.base.Undo;
import dev.hostal.domain.Domain;
import dev.hostal.domain.Domains;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostProgram;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import dev.hostal.linux.UserNamespaces;
import dev.hostal.model.Arch;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Kind;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Virtual machines by QEMU, each in a domain of its own.
///
/// One machine is asked for by one thread at a time; different machines by any number of threads.
public final class QemuMachines implements MachineDriver {
    private final QemuFolders folders;
    private final QemuHost host;
    private final Domains domains;
    private final Processes processes;
    private final HostProgram agent;
    private final Packages packages;
    private final Clock clock;
    private final AgentLink.Connector connector;
    private final EmptyDisks disks;
    private final KvmProbe kvm;
    private final QemuProbes probes;
    private final Disks chains;
    private final Checkpoints checkpoints;
    private final MemoryPacking packing = new MemoryPacking();
    private final PointsInTime points;
    private final Taps taps;
    /// Connections to machines, by brief id: the sockets serve one client each.
    private final ConcurrentHashMap<String, QemuMachine> connected = new ConcurrentHashMap<>();
    /// What was started ahead, by brief id.
    private final ConcurrentHashMap<String, Prepared> prepared = new ConcurrentHashMap<>();

    /// @param agent its program on this host, which shares folders where the daemon is not root
    public QemuMachines(QemuFolders folders, QemuHost host, Domains domains, Processes processes, Packages packages,
            Clock clock, HostProgram agent) {
        this(folders, host, domains, processes, packages, clock, agent, AgentLink.AGENT);
    }

    QemuMachines(QemuFolders folders, QemuHost host, Domains domains, Processes processes, Packages packages,
            Clock clock, HostProgram agent, AgentLink.Connector connector) {
        this.agent = agent;
        this.processes = processes;
        this.folders = folders;
        this.host = host;
        this.domains = domains;
        this.packages = packages;
        this.clock = clock;
        this.connector = connector;
        this.disks = new EmptyDisks(folders.derived(), processes);
        this.taps = new Taps(processes);
        this.kvm = new KvmProbe(host, processes, folders.derived());
        this.probes = new QemuProbes(host, processes, packages, kvm);
        this.chains = new Disks(folders.disks());
        this.checkpoints = new Checkpoints(folders.checkpoints(), host.bootId());
        this.points = new QemuPointsInTime(this, folders, host, chains, checkpoints, disks,
                new DiskTools(chains, processes), packing, clock).flushLeft();
    }

    /// Where the record says nothing of them they are removed by whoever sees to the host's networks.
    private void removeTaps(MachineFiles files) throws IOException {
        try {
            var record = MachineRecord.read(files.record());
            if (record.isPresent()) taps.ensureAbsent(record.get().taps());
        } catch (IOException e) {
            System.getLogger(QemuMachines.class.getName()).log(System.Logger.Level.WARNING, "machine.taps", e);
        }
    }

    @Override public Kind kind() {
        return Kind.VM;
    }

    @Override public Machine start(MachineSpec spec, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var files = folders.of(spec.id().brief());
        var ahead = Optional.ofNullable(prepared.remove(files.briefId()));
        if (ahead.isPresent()) {
            var begun = goOn(ahead.get(), spec, files, progress, deadline);
            if (begun.isPresent()) return begun.get();
        }
        var there = find(spec.id(), deadline);
        if (there.isPresent()) return there.get();
        MachineStart.check(spec, files);
        boolean shares = !new GuestMounts(spec.mounts()).shared().isEmpty();
        if (shares) FolderSharing.check(FolderSharing.PROGRAM);
        var user = shares && !host.isRoot() ? Optional.of(new UserSharing(agent.get(deadline),
                UserNamespaces.possible(processes, deadline.orIn(UserSharing.TRY_MAX)))) : Optional.<UserSharing>empty();
        var program = ensureProgram(spec.arch(), progress, deadline);
        var accelerator = accelerator(spec.arch(), program);
        var record = MachineRecord.of(spec, clock.instant(), accelerator);
        var start = new MachineStart(spec, files, host, program, accelerator, chains, checkpoints);
        var past = past(record, progress);
        ensureStopped(files.briefId());
        try (var undo = new Undo()) {
            undo.add(() -> takeBack(files.briefId()));
            start.prepare(disks, logs(files), taps, record, deadline);
            long consoleStart = Files.size(files.consoleLog());
            var domain = start.start(domains, user, progress, deadline);
            var boot = new Boot(files, domain, consoleStart, connector, progress);
            var machine = machine(record, files, domain, new Monitor(files.qmpSocket()), boot);
            undo.add(machine::close);
            if (past.isPresent()) machine.connect(boot, past.get(), deadline);
            else machine.connect(boot, deadline);
            undo.commit();
            return keep(machine);
        }
    }

    /// Starts QEMU for a machine whose checkpoint is being made; the file for its RAM is there.
    void prepare(MachineSpec spec, Deadline deadline) throws IOException, InterruptedException {
        var files = folders.of(spec.id().brief());
        MachineStart.check(spec, files);
        var program = ensureProgram(spec.arch(), Progress.NONE, deadline);
        var accelerator = accelerator(spec.arch(), program);
        var start = new MachineStart(spec, files, host, program, accelerator, chains, checkpoints);
        ensureStopped(files.briefId());
        try (var undo = new Undo()) {
            undo.add(() -> takeBack(files.briefId()));
            start.prepareAhead(disks, logs(files), taps, MachineRecord.of(spec, clock.instant(), accelerator), deadline);
            var key = Prepared.keyOf(checkpoints.begun(spec.moment().checkpoint().orElseThrow()).ram());
            long consoleStart = Files.size(files.consoleLog());
            var domain = start.start(domains, Optional.empty(), Progress.NONE, deadline);
            var monitor = new Monitor(files.qmpSocket());
            undo.add(monitor::close);
            new Boot(files, domain, consoleStart, connector, Progress.NONE).awaitMonitor(monitor, deadline);
            prepared.put(files.briefId(), new Prepared(start.domain(), domain, monitor, key, consoleStart));
            undo.commit();
        }
    }

    boolean isPrepared(String briefId) {
        return Optional.ofNullable(prepared.get(briefId)).filter(one -> one.domain().isAlive()).isPresent();
    }

    /// @return empty where it cannot be used; what is left of it is taken away by the start
    private Optional<Machine> goOn(Prepared ahead, MachineSpec spec, MachineFiles files, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        try (var undo = new Undo()) {
            undo.add(() -> takeBack(files.briefId()));
            undo.add(ahead.monitor()::close);
            var program = ensureProgram(spec.arch(), progress, deadline);
            var accelerator = accelerator(spec.arch(), program);
            var record = MachineRecord.of(spec, clock.instant(), accelerator);
            var start = new MachineStart(spec, files, host, program, accelerator, chains, checkpoints);
            var past = past(record, progress);
            if (past.isEmpty() || !ahead.fits(start.domain(), checkpoints, spec.moment().checkpoint().orElseThrow())) {
                return Optional.empty();
            }
            start.prepareRest(logs(files), record);
            var boot = new Boot(files, ahead.domain(), ahead.consoleStart(), connector, progress);
            var machine = machine(record, files, ahead.domain(), ahead.monitor(), boot);
            undo.add(machine::close);
            machine.connect(boot, past.get(), deadline);
            undo.commit();
            return Optional.of(keep(machine));
        }
    }

    @Override public Optional<Machine> find(InstanceId id, Deadline deadline)
            throws IOException, InterruptedException {
        var brief = id.brief();
        var known = Optional.ofNullable(connected.get(brief));
        if (known.isPresent() && known.get().isAlive()) return Optional.of(known.get());
        known.ifPresent(QemuMachine::close);
        var domain = domains.find(MachineStart.domainName(brief)).filter(Domain::isAlive);
        if (domain.isEmpty()) return Optional.empty();
        var files = folders.of(brief);
        var record = MachineRecord.read(files.record()).orElseThrow(() -> new IOException(
                "a QEMU runs for instance %s, but %s is gone".formatted(brief, files.record())));
        if (record.moment().checkpoint().isPresent() && !Files.exists(files.going())) {
            ensureStopped(brief);               // its daemon died before it had its memory and devices
            return Optional.empty();
        }
        var boot = new Boot(files, domain.get(), 0, connector, Progress.NONE);
        var machine = machine(record, files, domain.get(), new Monitor(files.qmpSocket()), boot);
        boolean usable = false;
        try {
            if (record.moment().checkpoint().isPresent() && !Files.exists(files.renewed())) {
                var checkpoint = checkpoints.read(record.moment().checkpoint().get());
                machine.adopt(boot, goingOn(record, checkpoint, Progress.NONE), deadline);
            } else {
                machine.adopt(boot, deadline);
            }
            usable = true;
        } catch (IOException | Problem e) {
            if (domain.get().isAlive()) throw e;
            return Optional.empty();            // it ended while it was being found
        } finally {
            if (!usable) machine.close();
        }
        return Optional.of(keep(machine));
    }

    @Override public Set<String> known() throws IOException {
        var known = new TreeSet<String>();
        for (var name : domains.names()) {
            for (var prefix : List.of(MachineStart.DOMAIN_PREFIX, FolderSharing.DOMAIN_PREFIX)) {
                if (name.startsWith(prefix)) known.add(name.substring(prefix.length()));
            }
        }
        known.addAll(Folders.names(folders.machines()));
        known.addAll(Folders.names(folders.instances()));
        known.removeIf(name -> !MachineFiles.isBrief(name));
        return known;
    }

    @Override public void ensureStopped(String briefId) throws IOException, InterruptedException {
        var files = folders.of(briefId);
        Optional.ofNullable(connected.remove(briefId)).ifPresent(QemuMachine::close);
        Optional.ofNullable(prepared.remove(briefId)).map(Prepared::monitor).ifPresent(Monitor::close);
        domains.ensureAbsent(MachineStart.domainName(briefId));
        domains.ensureAbsent(FolderSharing.domainName(briefId));
        removeTaps(files);
        Folders.ensureAbsent(files.runtime());
        Folders.ensureAbsent(files.disks());
    }

    @Override public void ensureAbsent(String briefId) throws IOException, InterruptedException {
        ensureStopped(briefId);
        Folders.ensureAbsent(folders.of(briefId).instance());
    }

    @Override public MachineLogs logs(InstanceId id) {
        return logs(folders.of(id.brief()));
    }

    @Override public Optional<PointsInTime> pointsInTime() {
        return Optional.of(points);
    }

    /// The machine that runs under that id, as this driver knows it.
    Optional<QemuMachine> running(InstanceId id, Deadline deadline) throws IOException, InterruptedException {
        return find(id, deadline).flatMap(_ -> Optional.ofNullable(connected.get(id.brief())));
    }

    /// Afterwards the programs that make disks are on this host.
    void ensureTools(Deadline deadline) throws IOException, InterruptedException {
        packages.ensurePrograms(List.of("qemu-img", "mke2fs"), Progress.NONE::report, deadline);
    }

    /// What the machine goes on from, checked, where it does.
    private Optional<GoingOn> past(MachineRecord record, Progress progress) throws IOException, InterruptedException {
        var id = record.moment().checkpoint();
        if (id.isEmpty()) return Optional.empty();
        var checkpoint = checkpoints.read(id.get());
        var differences = checkpoint.hardware().differences(record.hardware().orElseThrow());
        if (!differences.isEmpty()) {
            throw new Problem(ErrorCode.UNSUPPORTED, "The checkpoint %s was made with another %s."
                    .formatted(id.get(), String.join(" and another ", differences)));
        }
        packing.ensureUnpacked(id.get(), checkpoints.place(id.get()), progress);
        checkpoints.checkParts(checkpoint);
        return Optional.of(goingOn(record, checkpoint, progress));
    }

    private GoingOn goingOn(MachineRecord record, CheckpointRecord checkpoint, Progress progress) {
        return new GoingOn(folders.of(record.id().brief()), checkpoint, checkpoints.place(checkpoint.id()).devices(), clock,
                progress);
    }

    @Override public List<Probe> probes() throws IOException, InterruptedException {
        return probes.all();
    }

    private Path ensureProgram(Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var name = QemuProbes.program(arch);
        packages.ensurePrograms(List.of(name, "qemu-img", "mke2fs"), progress::report, deadline);
        return packages.findProgram(name).orElseThrow(() ->
                new Problem(ErrorCode.ENGINE_MISSING, "The program %s is not on this host.".formatted(name)));
    }

    private Accelerator accelerator(Arch arch, Path program) throws IOException, InterruptedException {
        if (!host.canRunNatively(arch)) return Accelerator.TCG;
        return kvm.verdict(program).works() ? Accelerator.KVM : Accelerator.TCG;
    }

    private QemuMachine machine(MachineRecord record, MachineFiles files, Domain domain, Monitor monitor, Boot boot) {
        var guest = new QemuGuest(monitor, deadline -> boot.reach(monitor, record.config(), deadline));
        return new QemuMachine(record, files, domain, monitor, new Console(files.consoleSocket()), guest, logs(files), taps,
                gone -> connected.remove(files.briefId(), gone));
    }

    private Machine keep(QemuMachine machine) {
        connected.put(machine.id().brief(), machine);
        return machine.watched();
    }

    private AgentLogs logs(MachineFiles files) {
        return new AgentLogs(files.outputLog(), files.consoleLog(), () -> isRunning(files.briefId()));
    }

    private boolean isRunning(String briefId) {
        var known = Optional.ofNullable(connected.get(briefId));
        if (known.isPresent()) return known.get().isAlive();
        try {
            return domains.find(MachineStart.domainName(briefId)).filter(Domain::isAlive).isPresent();
        } catch (IOException _) {
            return false;       // who follows its log is told of the end, and may ask again
        }
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
