package dev.hostal.qemu;

import static dev.hostal.base.Check.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.agent.AgentLogs;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.domain.Bind;
import dev.hostal.domain.Domain;
import dev.hostal.domain.DomainSpec;
import dev.hostal.domain.Domains;
import dev.hostal.domain.Limits;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Ownership;
import dev.hostal.model.Arch;
import dev.hostal.model.DiskId;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// One attempt to start QEMU for a machine: folders, disk, record, process, in this order. Each step may be
/// repeated; taking back is [QemuMachines#ensureStopped].
final class MachineStart {
    /// What QEMU itself needs beside the guest's memory and the translated code. Source: measured, see decision 30.
    private static final Bytes QEMU_ITSELF = Bytes.mib(128);
    /// For the page cache of its disks, which the kernel gives back when it must. Chosen.
    private static final Bytes PAGE_CACHE = Bytes.mib(64);
    /// QEMU's pool for disk requests, its main loop, and its helpers. Source: util/thread-pool.c, 64 workers.
    private static final int THREADS_BESIDE_CPUS = 80;
    private static final int UID_FIRST = 0x4000_0000;
    static final String DOMAIN_PREFIX = "vm-";

    private final MachineSpec spec;
    private final MachineFiles files;
    private final QemuHost host;
    private final Path program;
    private final Accelerator accelerator;
    private final Disks disks;
    private final Checkpoints checkpoints;

    MachineStart(MachineSpec spec, MachineFiles files, QemuHost host, Path program, Accelerator accelerator,
            Disks disks, Checkpoints checkpoints) {
        this.disks = disks;
        this.checkpoints = checkpoints;
        this.spec = spec;
        this.files = files;
        this.host = host;
        this.program = program;
        this.accelerator = accelerator;
    }

    /// Name of a machine's domain.
    static String domainName(String briefId) {
        return DOMAIN_PREFIX + briefId;
    }

    /// Says in a sentence why such a machine cannot be.
    ///
    /// @throws Problem WRONG_ARCHITECTURE, UNSUPPORTED
    static void check(MachineSpec spec, MachineFiles files) {
        var board = Board.of(spec.arch());
        new GuestMounts(spec.mounts()).check();
        if (spec.arch() != spec.root().arch()) {
            throw new Problem(ErrorCode.WRONG_ARCHITECTURE, "The image is for %s, and the machine is %s."
                    .formatted(spec.root().arch().word(), spec.arch().word()));
        }
        if (spec.root().disk().isPresent() && spec.arch() != Arch.X86_64) {
            throw unsupported("A machine of %s has no firmware here that boots from a disk.".formatted(spec.arch().word()));
        }
        if (spec.cpus() > board.cpusMax()) {
            throw unsupported("A machine of %s has at most %d CPUs, not %d."
                    .formatted(spec.arch().word(), board.cpusMax(), spec.cpus()));
        }
        if (spec.memory().compareTo(board.memoryMax()) > 0) {
            throw unsupported("A machine of %s has at most %s of memory, not %s."
                    .formatted(spec.arch().word(), board.memoryMax(), spec.memory()));
        }
        int layers = spec.root().layers().size();
        if (layers > QemuCommandLine.LAYERS_MAX) {
            throw unsupported("A machine takes images of at most %d layers, not %d."
                    .formatted(QemuCommandLine.LAYERS_MAX, layers));
        }
        int length = files.guestAgentSocket().toString().getBytes(UTF_8).length
                + "console".length() - "qga".length();
        if (length > MachineFiles.SOCKET_PATH_MAX) {
            throw unsupported("""
                    The path of the runtime folder %s is too long: its sockets would have %d bytes, and Linux takes %d.
                    Maybe set HOSTAL_HOME to a shorter path.""".formatted(files.runtime(), length,
                    MachineFiles.SOCKET_PATH_MAX));
        }
    }

    /// Afterwards its folders, disk, logs and record are there, and belong to whom they should.
    ///
    /// @throws Problem DISK_DAMAGED a disk, or what it stands on, is missing or damaged
    void prepare(EmptyDisks empty, AgentLogs logs, Taps taps, MachineRecord record,
            Deadline deadline)
            throws IOException, InterruptedException {
        spec.moment().disk().ifPresent(disks::check);
        layered().forEach(volume -> disks.check(volume.disk()));
        place(empty, logs, deadline);
        for (var base : bases()) {
            disks.makeBase(base, host);
        }
        goOn(logs);
        equip(taps, record, deadline);
    }

    /// The same for a machine whose checkpoint is not made yet, and whose disk lies over one that is written to.
    void prepareAhead(EmptyDisks empty, AgentLogs logs, Taps taps, MachineRecord record, Deadline deadline)
            throws IOException, InterruptedException {
        place(empty, logs, deadline);
        disks.makeReadable(bases().getFirst());
        equip(taps, record, deadline);
    }

    /// What [#prepareAhead] could not do. QEMU has its taps open.
    void prepareRest(AgentLogs logs, MachineRecord record) throws IOException {
        disks.check(spec.moment().disk().orElseThrow());
        for (var base : bases()) {
            disks.makeBase(base, host);
        }
        goOn(logs);
        record.write(files.record());
    }

    private void place(EmptyDisks empty, AgentLogs logs, Deadline deadline) throws IOException, InterruptedException {
        var moment = spec.moment();
        Folders.ensurePrivate(files.instance());
        Folders.ensurePrivate(files.runtime());
        Folders.ensurePrivate(files.sockets());
        Folders.ensureAbsent(files.disks());
        Folders.ensure(files.disks(), "rwxr-xr-x");
        if (moment.disk().isPresent()) {
            disks.link(moment.disk().get(), files.disk(moment.disk().get()));
            disks.makeWritable(moment.disk().get());
        } else {
            require(spec.root().disk().isEmpty(), "an image that is a disk has its machine write to a disk over that");
            empty.ensure(files.disk(), spec.diskSize(), deadline);
        }
        ensureFile(files.outputLog());
        ensureFile(files.consoleLog());
        Files.deleteIfExists(files.qemuLog());
        Files.deleteIfExists(files.sharingLog());
        logs.repair();
        for (var path : List.of(files.sockets(), disk(), files.outputLog(), files.consoleLog())) {
            giveAway(path);
        }
        for (var volume : mounts().disks()) {
            if (volume.file().isPresent()) giveAway(volume.file().get());
        }
        for (var volume : layered()) {
            if (volume.readOnly()) {
                disks.makeBase(volume.disk(), host);
            } else {
                disks.link(volume.disk(), files.disk(volume.disk()));
                disks.makeWritable(volume.disk());
                giveAway(files.disk(volume.disk()));
            }
        }
    }

    private void goOn(AgentLogs logs) throws IOException {
        if (spec.moment().checkpoint().isEmpty()) return;
        var bootId = checkpoints.read(spec.moment().checkpoint().get()).bootId();
        if (!bootId.isEmpty()) logs.goOn(bootId);
    }

    private void equip(Taps taps, MachineRecord record, Deadline deadline) throws IOException, InterruptedException {
        record.write(files.record());
        taps.ensure(spec.nics(), uid(), deadline);
    }

    /// @param user shares its folders, where it has some and the daemon is not root
    Domain start(Domains domains, Optional<UserSharing> user, Progress progress, Deadline deadline) throws IOException, InterruptedException {
        if (!mounts().shared().isEmpty()) {
            progress.report("sharing folders");
            new FolderSharing(files, mounts(), user).start(domains, spec.memory(), uid(), deadline);
        }
        progress.report("starting QEMU with " + accelerator.word());
        try {
            return domains.start(domain(ramNow()), deadline);
        } catch (IOException e) {
            // A QEMU that does not like its command line is gone before its domain has been seen to run.
            if (Boot.lastWords(files).isEmpty()) throw e;
            throw Boot.qemuEnded(files, e);
        }
    }

    /// The machine's domain, equal where the same QEMU would do the same.
    DomainSpec domain() {
        return domain(ram());
    }

    private DomainSpec domain(Path ramNow) {
        var argv = QemuCommandLine.of(program, spec, accelerator, host.arch(), files, ram());
        return new DomainSpec(domainName(files.briefId()), argv, List.of("PATH=/usr/bin:/bin"), "/", files.qemuLog(),
                uid(), uid(), binds(ramNow), devices(), limits(), true);
    }

    private GuestMounts mounts() {
        return new GuestMounts(spec.mounts());
    }

    private int uid() {
        return uid(files.briefId());
    }

    /// The user of an instance's QEMU: a number without a name, so that no machine can touch another's files.
    static int uid(String briefId) {
        return UID_FIRST + Integer.parseInt(briefId.substring(0, 6), 16);
    }

    private Path disk() {
        return spec.moment().disk().map(files::disk).orElse(files.disk());
    }

    private List<DiskId> bases() {
        var bases = new ArrayList<DiskId>();
        spec.moment().disk().ifPresent(disk -> bases.addAll(below(disk)));
        layered().forEach(volume -> bases.addAll(below(volume.disk())));
        return bases;
    }

    private List<DiskId> below(DiskId disk) {
        var chain = disks.chain(disk);
        return chain.subList(1, chain.size());
    }

    /// Volumes whose disks lie over others.
    private List<GuestMounts.Disk> layered() {
        return mounts().disks().stream().filter(volume -> volume.file().isEmpty()).toList();
    }

    private Path ram() {
        return spec.moment().checkpoint().map(id -> checkpoints.place(id).ram()).orElse(Path.of("/none"));
    }

    /// Of a checkpoint that is being made, too.
    private Path ramNow() {
        return spec.moment().checkpoint().filter(id -> !checkpoints.exists(id)).map(id -> checkpoints.begun(id).ram())
                .orElse(ram());
    }

    private List<Bind> binds(Path ramNow) {
        var binds = new ArrayList<Bind>();
        // A disk to switch to appears in the folder of disks while the machine runs.
        for (var path : List.of(files.sockets(), files.disks(), files.outputLog(), files.consoleLog())) {
            binds.add(Bind.writable(path));
        }
        if (spec.moment().disk().isEmpty()) binds.add(Bind.writable(files.disk()));
        bases().forEach(base -> binds.add(Bind.readOnly(disks.path(base))));
        // QEMU insists on opening it for writing, and writes to its private copy of the pages only.
        if (spec.moment().checkpoint().isPresent()) binds.add(new Bind(ramNow, ram().toString(), true));
        spec.root().layers().stream().distinct().forEach(layer -> binds.add(Bind.readOnly(layer)));
        if (!mounts().shared().isEmpty()) binds.add(Bind.readOnly(files.sharing()));
        for (var volume : mounts().disks()) {
            volume.file().ifPresent(file -> binds.add(new Bind(file, file.toString(), !volume.readOnly())));
        }
        // Those that are written to are in the folder of disks.
        layered().stream().filter(GuestMounts.Disk::readOnly)
                .forEach(volume -> binds.add(new Bind(disks.path(volume.disk()), files.readDisk(volume.disk()).toString(), false)));
        if (QemuCommandLine.boots(spec) && spec.root().disk().isEmpty()) {
            binds.add(Bind.readOnly(spec.root().kernel().kernel()));
            binds.add(Bind.readOnly(spec.root().kernel().initramfs()));
        }
        return binds;
    }

    private List<Path> devices() {
        var devices = new ArrayList<>(Taps.devices(spec.nics(), host.isRoot()));
        switch (accelerator) {
            case KVM -> devices.add(host.kvmDevice());
            case TCG -> { /* Needs none. */ }
        }
        return devices;
    }

    private Limits limits() {
        var code = switch (accelerator) {
            case KVM -> Bytes.ZERO;
            case TCG -> Bytes.mib(QemuCommandLine.TB_SIZE_MIB);
        };
        return new Limits(Optional.of(spec.memory().plus(code).plus(QEMU_ITSELF).plus(PAGE_CACHE)),
                spec.limits().cpuQuota(), OptionalInt.of(spec.cpus() + THREADS_BESIDE_CPUS));
    }

    private static void ensureFile(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    private void giveAway(Path path) throws IOException {
        if (host.isRoot()) Ownership.change(path, uid(), uid());
    }

    private static Problem unsupported(String sentence) {
        return new Problem(ErrorCode.UNSUPPORTED, sentence);
    }
}
