package dev.hostal.qemu;

import dev.hostal.agent.GuestConfig;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.base.Undo;
import dev.hostal.linux.Ownership;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.spi.ForksAhead;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.VolumesInTime;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Points in time of QEMU's machines: disks as qcow2 files over each other, memory as files with holes.
final class QemuPointsInTime implements VolumesInTime, ForksAhead {
    /// How long a guest may take to bring its file systems to rest: they are snapshot as they are otherwise.
    private static final Duration FREEZE_MAX = Duration.ofSeconds(5);
    /// How long what goes on from a checkpoint has the host's disk for itself: while memory is flushed, every other change of
    /// the same file system waits. Chosen.
    private static final Duration FLUSH_AFTER = Duration.ofSeconds(1);
    /// State of devices of the largest machines is some MiB. What a QEMU that was taken over writes ends here.
    private static final long DEVICES_MAX = 256 << 20;

    private final QemuMachines machines;
    private final QemuFolders folders;
    private final QemuHost host;
    private final Disks disks;
    private final Checkpoints checkpoints;
    private final EmptyDisks empty;
    private final DiskTools tools;
    private final MemoryPacking packing;
    private final Clock clock;
    /// Copies of memory of machines that run, for checkpoints that are not asked for yet.
    private final Map<CheckpointId, RamCopy> ahead = new ConcurrentHashMap<>();

    QemuPointsInTime(QemuMachines machines, QemuFolders folders, QemuHost host, Disks disks, Checkpoints checkpoints,
            EmptyDisks empty, DiskTools tools, MemoryPacking packing, Clock clock) {
        this.clock = clock;
        this.machines = machines;
        this.folders = folders;
        this.host = host;
        this.disks = disks;
        this.checkpoints = checkpoints;
        this.empty = empty;
        this.tools = tools;
        this.packing = packing;
    }

    // ---- disks

    @Override public void ensureDisk(DiskId disk, Optional<DiskId> base, Bytes size, Deadline deadline)
            throws IOException, InterruptedException {
        if (base.isPresent()) {
            disks.check(base.get());
            disks.ensureOverlay(disk, base.get(), size);
        } else if (!disks.exists(disk)) {
            machines.ensureTools(deadline);
            empty.ensure(disks.unfinished(disk), size, deadline);
            disks.finish(disk);
        }
    }

    @Override public void ensureImageDisk(DiskId disk, Path file) throws IOException {
        if (disks.exists(disk)) return;
        disks.share(disk, file);
        disks.makeBase(disk, host);
    }

    @Override public void adoptDisk(InstanceId id, DiskId disk) throws IOException {
        var own = folders.of(id.brief()).disk();
        if (disks.exists(disk) || !Files.exists(own)) return;
        disks.unfinished(disk);                 // makes the folder
        Files.move(own, disks.path(disk), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override public void copyDisk(DiskId source, DiskId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        if (disks.exists(target)) return;
        disks.check(source);
        tools.copy(source, target, progress, deadline);
    }

    @Override public void adoptVolume(DiskId disk, Path file) throws IOException {
        disks.adopt(disk, file);
    }

    @Override public void copyOut(DiskId disk, Path file, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        machines.ensureTools(deadline);
        disks.check(disk);
        tools.copyOut(disk, file, progress, deadline);
    }

    @Override public void rebaseDisk(DiskId disk, Optional<DiskId> base, Optional<InstanceId> user, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        var machine = user.isPresent() ? machines.running(user.get(), deadline) : Optional.<QemuMachine>empty();
        boolean live = machine.isPresent() && machine.get().disks().writesTo(disk, deadline);
        if (live) machine.get().disks().endStream(disk, deadline);
        var chain = disks.chain(disk);
        if (disks.baseOf(disk).equals(base)) {
            tools.tidy(disk);
            return;
        }
        if (base.isPresent() && !chain.subList(1, chain.size()).contains(base.get())) {
            throw new Problem(ErrorCode.UNSUPPORTED,
                    "The disk %s does not stand on %s, so that it cannot be put on that alone.".formatted(disk, base.get()));
        }
        if (live) machine.get().disks().stream(disk, base.map(disks::path), progress, deadline);
        else tools.rebase(disk, base, progress, deadline);
    }

    @Override public void ensureDiskAbsent(DiskId disk) throws IOException {
        disks.ensureAbsent(disk);
    }

    @Override public List<Disk> disks() throws IOException {
        return disks.all();
    }

    @Override public Optional<String> fault(DiskId disk) {
        try {
            disks.check(disk);
            return Optional.empty();
        } catch (Problem e) {
            return Optional.of(e.getMessage());
        }
    }

    // ---- of running machines

    @Override public void switchDisks(InstanceId id, List<Switch> disks, Deadline deadline)
            throws IOException, InterruptedException {
        var machine = running(id, deadline);
        if (!isSwitched(machine, disks, deadline)) {
            openOverlays(machine, disks, deadline);
            flush(disks);
            boolean frozen = !machine.isPaused() && freeze(machine, deadline);
            try {
                machine.disks().switchTo(overlays(disks), deadline);
            } finally {
                if (frozen) thaw(machine);
            }
        }
        afterSwitch(machine, disks);
    }

    @Override public boolean giveUpSwitch(InstanceId id, List<Switch> disks, Deadline deadline)
            throws IOException, InterruptedException {
        var machine = running(id, deadline);
        for (var disk : disks) {
            if (!machine.disks().writesTo(device(machine, disk), disk.current(), deadline)) return false;
        }
        for (var disk : disks) {
            machine.disks().close(disk.overlay(), deadline);
        }
        return true;
    }

    /// QEMU switches all of them or none.
    private static boolean isSwitched(QemuMachine machine, List<Switch> disks, Deadline deadline)
            throws IOException, InterruptedException {
        var first = disks.getFirst();
        return machine.disks().writesTo(device(machine, first), first.overlay(), deadline);
    }

    /// Id of the device that the guest has the disk by.
    private static String device(QemuMachine machine, Switch disk) {
        if (disk.place().isEmpty()) return QemuCommandLine.SCRATCH;
        return machine.record().config().mounts().stream().filter(mount -> mount.kind() == GuestConfig.Kind.DISK
                        && mount.target().equals(disk.place().get())).map(GuestConfig.Mount::source).findFirst()
                .orElseThrow(() -> new Problem(ErrorCode.UNSUPPORTED, "The machine has no volume at %s that is a disk."
                        .formatted(disk.place().get())));
    }

    /// By what the machine writes to until then.
    private static Map<String, DiskId> overlays(List<Switch> disks) {
        var overlays = new LinkedHashMap<String, DiskId>();
        disks.forEach(disk -> overlays.put(LiveDisks.node(disk.current()), disk.overlay()));
        return overlays;
    }

    @Override public Duration checkpoint(InstanceId id, CheckpointId checkpoint, List<Switch> disks, boolean goOn,
            Progress progress, Deadline deadline) throws IOException, InterruptedException {
        var machine = running(id, deadline);
        boolean switched = isSwitched(machine, disks, deadline);
        if (checkpoints.exists(checkpoint) && switched) return Duration.ZERO;
        if (switched) {
            throw new Problem(ErrorCode.DISK_DAMAGED, """
                    The checkpoint %s was not finished, and its disk is written to since.
                    Maybe make another one.""".formatted(checkpoint));
        }
        if (!keepsWhole(machine.record().config(), disks)) {
            throw new Problem(ErrorCode.UNSUPPORTED, """
                    The memory of a virtual machine that mounts volumes or folders cannot be kept: they change beside it.
                    Maybe stop it, or take a snapshot without its memory.""");
        }
        openOverlays(machine, disks, deadline);
        var flushing = Thread.ofVirtual().name("disk-flush-" + id.brief()).start(() -> flush(disks));
        var place = checkpoints.begun(checkpoint);
        boolean done = false;
        try (var ram = ram(machine, checkpoint, progress)) {
            flushing.join();
            var paused = keep(machine, ram, place, disks, goOn, deadline);
            record(machine, checkpoint, disks.getFirst().current(), Checkpoints.digest(place.devices()), deadline)
                    .write(place.record());
            checkpoints.finish(checkpoint);
            done = true;
            afterSwitch(machine, disks);
            flushLater(checkpoint);
            return paused;
        } catch (IOException e) {
            if (full(e)) throw noSpace(e);
            throw e;
        } finally {
            if (!done) checkpoints.giveUp(checkpoint);
        }
    }

    /// A copy of its memory, which may have been made before; the checkpoint is begun.
    private RamCopy ram(QemuMachine machine, CheckpointId checkpoint, Progress progress)
            throws IOException, InterruptedException {
        var copied = Optional.ofNullable(ahead.remove(checkpoint));
        if (copied.isPresent() && copied.get().isOf(machine.process())) {
            copied.get().settle();
            return copied.get();
        }
        if (copied.isPresent()) copied.get().close();
        var hardware = machine.record().hardware().orElseThrow(() -> new Problem(ErrorCode.UNSUPPORTED, """
                The memory of this machine cannot be kept: an older version has started it.
                Maybe stop and start it once."""));
        checkpoints.ensureAbsent(checkpoint);
        progress.report("copying memory");
        return RamCopy.of(machine.process(), hardware.memory(), checkpoints.begin(checkpoint).ram());
    }

    // ---- ahead

    @Override public void prepare(InstanceId source, MachineSpec copy, DiskId current, Deadline deadline)
            throws IOException, InterruptedException {
        var machine = running(source, deadline);
        var checkpoint = copy.moment().checkpoint().orElseThrow();
        var disk = copy.moment().disk().orElseThrow();
        if (!machine.disks().writesTo(current, deadline) || !keepsWhole(machine.record().config(), List.of())) {
            throw new IOException("what %s has now cannot be copied ahead".formatted(source.brief()));
        }
        try (var undo = new Undo()) {
            undo.add(() -> ensureCheckpointAbsent(checkpoint));
            ahead.put(checkpoint, ram(machine, checkpoint, Progress.NONE));
            disks.ensureOverlay(disk, current, Bytes.ZERO);
            undo.add(() -> disks.ensureAbsent(disk));
            machines.prepare(copy, deadline);
            undo.commit();
        }
    }

    @Override public boolean isPrepared(InstanceId copy) {
        return machines.isPrepared(copy.brief());
    }

    /// Whether all that its guest has open is kept with its memory and these disks. QEMU 7.2 besides moves no device whose
    /// other half is another process.
    private static boolean keepsWhole(GuestConfig config, List<Switch> disks) {
        return config.mounts().stream().allMatch(mount -> switch (mount.kind()) {
            case MEMORY -> true;
            // What only reads has no part in the switch, where others are part of the point in time at all.
            case DISK -> disks.stream().anyMatch(disk -> disk.place().filter(mount.target()::equals).isPresent())
                    || mount.readOnly();
            case SHARED -> false;
        });
    }

    /// Source: strerror of ENOSPC and EDQUOT.
    private static boolean full(IOException e) {
        var message = String.valueOf(e.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    private Problem noSpace(IOException e) {
        return new Problem(ErrorCode.NO_SPACE, """
                The memory of the machine was not kept: the file system of %s is full. It goes on as before.
                Maybe delete snapshots, instances or images that are no longer needed.""".formatted(folders.checkpoints()), e);
    }

    private Duration keep(QemuMachine machine, RamCopy ram, Checkpoints.Place place, List<Switch> disks, boolean goOn,
            Deadline deadline) throws IOException, InterruptedException {
        var files = folders.of(machine.id().brief());
        boolean wasPaused = machine.isPaused();
        long from = System.nanoTime();
        machine.standsStill(true);
        machine.monitor().call(new QmpCommand.Stop(), deadline);
        boolean stays = false;
        try {
            ram.settle();
            machine.monitor().call(new QmpCommand.XenSaveDevicesState(files.devices()), deadline);
            machine.disks().switchTo(overlays(disks), deadline);
            stays = !goOn;
        } finally {
            machine.standsStill(wasPaused || stays);
            if (!wasPaused && !stays) goOn(machine);
        }
        var paused = wasPaused ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - from);
        takeDevices(files.devices(), place.devices());
        return paused;
    }

    /// Also where the caller was interrupted or is late: a guest must not stand still for that.
    private static void goOn(QemuMachine machine) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            machine.monitor().call(new QmpCommand.Cont(), Deadline.in(QemuMachine.COUNTERS_MAX));
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /// The file lies where QEMU writes: it is taken for what it is and no link followed.
    private static void takeDevices(Path written, Path target) throws IOException {
        try (var from = FileChannel.open(written, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
                var to = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            if (from.size() > DEVICES_MAX) throw new IOException("the state of devices has %d bytes".formatted(from.size()));
            for (long at = 0; at < from.size();) {
                at += from.transferTo(at, from.size() - at, to);
            }
        }
        Files.deleteIfExists(written);
    }

    private CheckpointRecord record(QemuMachine machine, CheckpointId id, DiskId disk, String devices, Deadline deadline)
            throws IOException, InterruptedException {
        var config = machine.record().config();
        // Without the program, which may hold secrets and is not asked for again.
        var known = new GuestConfig(config.hostname(), config.layers(), config.nics(), Optional.empty());
        return new CheckpointRecord(id, disk, machine.record().hardware().orElseThrow(), known,
                machine.bootId().orElse(""), host.bootId(), devices, machine.monitor().connect(deadline).version().toString());
    }

    private void openOverlays(QemuMachine machine, List<Switch> disks, Deadline deadline) throws IOException, InterruptedException {
        for (var disk : disks) {
            openOverlay(machine, device(machine, disk), disk.current(), disk.overlay(), deadline);
        }
    }

    private void openOverlay(QemuMachine machine, String device, DiskId current, DiskId overlay, Deadline deadline)
            throws IOException, InterruptedException {
        var files = folders.of(machine.id().brief());
        if (!machine.disks().writesTo(device, current, deadline)) {
            throw new Problem(ErrorCode.UNSUPPORTED,
                    "The machine does not write to the disk %s.\nMaybe stop and start it once.".formatted(current));
        }
        machine.disks().close(overlay, deadline);
        disks.ensureOverlay(overlay, current, Bytes.ZERO);
        disks.link(overlay, files.disk(overlay));
        disks.makeWritable(overlay);
        if (host.isRoot()) Ownership.change(disks.path(overlay), machine.uid(), machine.uid());
        machine.disks().open(overlay, files.disk(overlay), deadline);
    }

    /// What is flushed now QEMU need not flush while the guest stands still.
    private void flush(List<Switch> switched) {
        for (var disk : switched) {
            try (var file = FileChannel.open(disks.path(disk.current()), StandardOpenOption.READ)) {
                file.force(false);
            } catch (IOException _) {
                // QEMU finds out itself when it switches.
            }
        }
    }

    private void afterSwitch(QemuMachine machine, List<Switch> switched) throws IOException {
        for (var disk : switched) {
            if (disks.exists(disk.current())) disks.makeBase(disk.current(), host);
            Files.deleteIfExists(folders.of(machine.id().brief()).disk(disk.current()));
        }
    }

    private static boolean freeze(QemuMachine machine, Deadline deadline) throws InterruptedException {
        try {
            machine.guestLink(deadline.orIn(FREEZE_MAX)).freeze(deadline.orIn(FREEZE_MAX));
            return true;
        } catch (IOException | Problem _) {
            return false;       // As after a power cut, which file systems bear.
        }
    }

    private static void thaw(QemuMachine machine) {
        try {
            machine.guestLink(Deadline.in(FREEZE_MAX)).thaw(Deadline.in(FREEZE_MAX));
        } catch (IOException | Problem _) {
            // The agent thaws by itself when its session ends, and after half a minute.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- checkpoints

    @Override public Optional<String> misfit(CheckpointId checkpoint, int cpus, Bytes memory, List<MachineNic> nics)
            throws IOException {
        var then = checkpoints.read(checkpoint).hardware();
        var now = then.with(cpus, memory, nics);
        return now.equals(then) ? Optional.empty() : Optional.of("Its memory was kept with %s; it has %s now."
                .formatted(then.inWords(), now.inWords()));
    }

    @Override public void compress(CheckpointId checkpoint, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        packing.pack(checkpoints.place(checkpoint), progress);
        checkpoints.flush(checkpoint);
    }

    @Override public void ensureCheckpointAbsent(CheckpointId checkpoint) throws IOException {
        var copied = Optional.ofNullable(ahead.remove(checkpoint));
        if (copied.isPresent()) copied.get().close();
        checkpoints.ensureAbsent(checkpoint);
    }

    @Override public List<Checkpoint> checkpoints() throws IOException {
        return checkpoints.all();
    }

    @Override public void renew(MachineSpec spec, Deadline deadline) throws IOException, InterruptedException {
        var machine = running(spec.id(), deadline);
        machine.become(spec, clock, deadline);
    }

    /// What a daemon that was killed has not flushed is flushed, too.
    QemuPointsInTime flushLeft() {
        Thread.ofVirtual().name("checkpoints-unflushed").start(() -> {
            try {
                checkpoints.unflushed().forEach(this::flushLater);
            } catch (IOException _) {
                // Whoever lists them is told; none is used after another boot that is not flushed.
            }
        });
        return this;
    }

    private void flushLater(CheckpointId checkpoint) {
        Thread.ofVirtual().name("checkpoint-flush-" + checkpoint).start(() -> {
            try {
                Thread.sleep(FLUSH_AFTER);
                checkpoints.flush(checkpoint);
            } catch (IOException _) {
                // Deleted meanwhile, or the disk fails: it stays marked as lasting for this boot of the host only.
            } catch (InterruptedException _) {
                // Nobody interrupts this thread; if somebody does, the next daemon flushes it.
            }
        });
    }

    private QemuMachine running(InstanceId id, Deadline deadline) throws IOException, InterruptedException {
        return machines.running(id, deadline).orElseThrow(() ->
                new Problem(ErrorCode.WRONG_PHASE, "The machine of %s does not run.".formatted(id.brief())));
    }
}
