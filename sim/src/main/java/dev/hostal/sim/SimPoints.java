package dev.hostal.sim;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.ForksAhead;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.VolumesInTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Points in time of simulated machines, as one daemon uses them. A daemon may die between any two of its calls.
final class SimPoints implements VolumesInTime, ForksAhead {
    private static final Bytes PIECE = Bytes.kib(64);

    private final SimHost host;
    private final SimSession session;

    SimPoints(SimHost host, SimSession session) {
        this.host = host;
        this.session = session;
    }

    @Override public void ensureDisk(DiskId disk, Optional<DiskId> base, Bytes size, Deadline deadline)
            throws IOException {
        if (!host.diskTable().has(disk)) requireSpace();
        base.ifPresent(this::requireSound);
        session.call("points.ensureDisk", () -> host.diskTable().ensure(disk, base));
    }

    @Override public void copyDisk(DiskId source, DiskId target, Progress progress, Deadline deadline)
            throws IOException {
        requireSpace();
        requireSound(source);
        progress.report("copying the disk", 1, 2);
        session.call("points.copyDisk", () -> host.diskTable().copy(source, target));
    }

    @Override public void rebaseDisk(DiskId disk, Optional<DiskId> base, Optional<InstanceId> user, Progress progress,
            Deadline deadline) throws IOException {
        requireSpace();
        requireSound(disk);
        session.call("points.rebaseDisk", () -> {
            host.requireOnlyUser(disk, user);
            host.diskTable().rebase(disk, base);
            return "";
        });
    }

    @Override public void ensureDiskAbsent(DiskId disk) throws IOException {
        session.call("points.ensureDiskAbsent", () -> {
            host.requireOnlyUser(disk, Optional.empty());
            host.diskTable().remove(disk);
            return "";
        });
    }

    @Override public List<Disk> disks() throws IOException {
        return session.call("points.disks", () -> host.diskTable().bases(false).entrySet().stream()
                .map(each -> new Disk(each.getKey(), each.getValue(), Bytes.gib(1), weight(each.getKey()))).toList());
    }

    @Override public Optional<String> fault(DiskId disk) throws IOException {
        return session.call("points.fault", () -> host.diskTable().fault(disk));
    }

    @Override public void adoptVolume(DiskId disk, Path file) throws IOException {
        session.call("points.adoptVolume", () -> host.diskTable().adoptRaw(disk, file));
    }

    @Override public void copyOut(DiskId disk, Path file, Progress progress, Deadline deadline) throws IOException {
        requireSpace();
        requireSound(disk);
        session.call("points.copyOut", () -> host.diskTable().putRaw(file, host.diskTable().content(disk)));
    }

    @Override public void switchDisks(InstanceId id, List<Switch> disks, Deadline deadline) throws IOException {
        var vm = vm(id);
        if (vm.disk().filter(disks.getFirst().overlay()::equals).isPresent()) return;
        requireSpace();
        overlay("points.switchDisk: overlay", disks);
        session.call("points.switchDisk: switch", () -> vm.switchDisks(disks));
    }

    private void overlay(String name, List<Switch> disks) throws IOException {
        for (var disk : disks) {
            session.call(name, () -> host.diskTable().ensure(disk.overlay(), Optional.of(disk.current())));
        }
    }

    @Override public boolean giveUpSwitch(InstanceId id, List<Switch> disks, Deadline deadline) throws IOException {
        var vm = vm(id);
        return session.call("points.giveUpSwitch", () -> vm.disk().filter(disks.getFirst().current()::equals).isPresent());
    }

    @Override public Duration checkpoint(InstanceId id, CheckpointId checkpoint, List<Switch> disks, boolean goOn,
            Progress progress, Deadline deadline) throws IOException {
        var vm = vm(id);
        var current = disks.getFirst().current();
        requireSpace();
        boolean paused = vm.isPaused();
        session.call("points.checkpoint: pause", () -> vm.setPaused(true));
        boolean done = false;
        try {
            overlay("points.checkpoint: overlay", disks);
            session.call("points.checkpoint: switch", () -> vm.switchDisks(disks));
            progress.report("saving memory", 1, 2);
            session.call("points.checkpoint: memory", () -> host.diskTable().save(checkpoint, vm.save(current, disks)));
            if (goOn && !paused) session.call("points.checkpoint: resume", () -> vm.setPaused(false));
            done = true;
        } finally {
            if (!done && !paused && !session.isKilled()) vm.setPaused(false);
        }
        return Duration.ofMillis(20);
    }

    @Override public void prepare(InstanceId source, MachineSpec copy, DiskId current, Deadline deadline) throws IOException {
        vm(source);
        requireSpace();
        session.call("points.prepare: machine", host.box(copy.id().brief())::ensureRunFolder);
        session.prepare(copy, current);
    }

    @Override public boolean isPrepared(InstanceId copy) {
        return session.isPrepared(copy.brief());
    }

    @Override public void renew(MachineSpec spec, Deadline deadline) throws IOException {
        var vm = vm(spec.id());
        session.call("points.renew", () -> vm.become(spec));
    }

    @Override public Optional<String> misfit(CheckpointId checkpoint, int cpus, Bytes memory, List<MachineNic> nics)
            throws IOException {
        var now = SimVm.hardware(cpus, memory, nics);
        return session.call("points.misfit", () -> host.diskTable().saved(checkpoint).map(SimDisks.Saved::hardware)
                .filter(then -> !then.equals(now)).map(then -> "It had %s then and has %s now.".formatted(then, now)));
    }

    @Override public void compress(CheckpointId checkpoint, Progress progress, Deadline deadline) throws IOException {
        progress.report("compressing memory", 1, 2);
        session.call("points.compress");
    }

    @Override public void ensureCheckpointAbsent(CheckpointId checkpoint) throws IOException {
        session.call("points.ensureCheckpointAbsent", () -> host.diskTable().removeCheckpoint(checkpoint));
    }

    @Override public List<Checkpoint> checkpoints() throws IOException {
        return session.call("points.checkpoints", () -> host.diskTable().checkpoints().entrySet().stream()
                .map(each -> new Checkpoint(each.getKey(), each.getValue().disk(), Bytes.mib(128), Bytes.mib(30)))
                .toList());
    }

    private Bytes weight(DiskId disk) {
        return new Bytes(PIECE.count() * host.diskTable().weight(disk));
    }

    private SimVm vm(InstanceId id) throws IOException {
        return host.find(id.brief()).flatMap(SimBox::vm)
                .orElseThrow(() -> new IOException("the machine %s is gone".formatted(id.brief())));
    }

    private void requireSpace() {
        if (host.isDiskFull()) throw new Problem(ErrorCode.NO_SPACE, "There is no space for the disk of the machine.");
    }

    private void requireSound(DiskId disk) {
        host.diskTable().fault(disk).ifPresent(fault -> {
            throw new Problem(ErrorCode.DISK_DAMAGED, fault);
        });
    }
}
