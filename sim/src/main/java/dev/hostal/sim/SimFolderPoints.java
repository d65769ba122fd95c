package dev.hostal.sim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Points in time of simulated containers, in the steps of the real ones: a disk is a folder that needs no other, it is
/// taken from a container when it is first asked for, and a container that runs is made to write elsewhere by giving its
/// folder another name and a copy of it the former one. A daemon may die between any two of its calls.
final class SimFolderPoints implements PointsInTime {
    private static final Bytes PIECE = Bytes.kib(64);

    private final SimHost host;
    private final SimSession session;

    SimFolderPoints(SimHost host, SimSession session) {
        this.host = host;
        this.session = session;
    }

    // ---- disks

    @Override public void ensureDisk(DiskId disk, Optional<DiskId> base, Bytes size, Deadline deadline)
            throws IOException {
        if (table().has(disk)) return;
        requireSpace();
        base.ifPresent(this::requireSound);
        session.call("points.ensureDisk: copy");
        session.call("points.ensureDisk: name", () -> table().ensureWhole(disk, base));
    }

    @Override public boolean adopts() {
        return true;
    }

    @Override public void adoptDisk(InstanceId id, DiskId disk) throws IOException {
        if (table().has(disk)) return;
        requireSpace();
        session.call("points.adoptDisk: work");
        session.call("points.adoptDisk: upper", () -> host.find(id.brief()).ifPresent(box -> box.vm().ifPresentOrElse(
                vm -> vm.adopt(disk, () -> take(box, disk)), () -> take(box, disk))));
    }

    private void take(SimBox box, DiskId disk) {
        box.takeWritten().ifPresent(written -> table().adopt(disk, texts(written)));
    }

    @Override public void copyDisk(DiskId source, DiskId target, Progress progress, Deadline deadline)
            throws IOException {
        ensureDisk(target, Optional.of(source), Bytes.ZERO, deadline);
        rebaseDisk(target, Optional.empty(), Optional.empty(), progress, deadline);
    }

    @Override public void rebaseDisk(DiskId disk, Optional<DiskId> base, Optional<InstanceId> user, Progress progress,
            Deadline deadline) throws IOException {
        requireSound(disk);
        session.call("points.rebaseDisk", () -> table().rebase(disk, base));
    }

    @Override public void ensureDiskAbsent(DiskId disk) throws IOException {
        session.call("points.ensureDiskAbsent", () -> {
            host.requireOnlyUser(disk, Optional.empty());
            table().remove(disk);
        });
    }

    @Override public List<Disk> disks() throws IOException {
        return session.call("points.disks", () -> {
            table().nameCopies();
            return table().bases(true).entrySet().stream().map(each -> new Disk(each.getKey(), each.getValue(),
                    Bytes.gib(1), new Bytes(PIECE.count() * table().weight(each.getKey())))).toList();
        });
    }

    @Override public Optional<String> fault(DiskId disk) throws IOException {
        return session.call("points.fault", () -> table().fault(disk));
    }

    // ---- of running containers

    @Override public void switchDisks(InstanceId id, List<Switch> own, Deadline deadline) throws IOException {
        var vm = vm(id);
        var current = own.getFirst().current();
        var overlay = own.getFirst().overlay();
        if (table().has(overlay)) {
            turn(vm, current, overlay);
            return;
        }
        boolean paused = vm.isPaused();
        if (!paused) session.call("points.switchDisk: pause", () -> vm.setPaused(true));
        try {
            turn(vm, current, overlay);
            if (!paused) session.call("points.switchDisk: resume", () -> vm.setPaused(false));
        } finally {
            if (!paused && !session.isKilled()) vm.setPaused(false);
        }
    }

    @Override public boolean giveUpSwitch(InstanceId id, List<Switch> switches, Deadline deadline) throws IOException {
        return session.call("points.giveUpSwitch", () -> {
            if (table().has(switches.getFirst().overlay())) return false;
            table().dropCopy(switches.getFirst().current());
            return true;
        });
    }

    @Override public Duration checkpoint(InstanceId id, CheckpointId checkpoint, List<Switch> own, boolean goOn,
            Progress progress, Deadline deadline) throws IOException {
        var vm = vm(id);
        var current = own.getFirst().current();
        var overlay = own.getFirst().overlay();
        if (table().has(overlay) && table().saved(checkpoint).isPresent()) return Duration.ZERO;
        if (table().has(overlay)) throw new Problem(ErrorCode.DISK_DAMAGED,
                "The checkpoint %s was not finished, and its disk is written to since.".formatted(checkpoint));
        boolean paused = vm.isPaused();
        boolean done = false;
        session.call("points.checkpoint: pause", () -> vm.setPaused(true));
        try {
            progress.report("writing memory", 1, 2);
            var saved = session.call("points.checkpoint: memory", () -> vm.save(current, own));
            turn(vm, current, overlay);
            session.call("points.checkpoint: name", () -> table().save(checkpoint, saved));
            if (goOn && !paused) session.call("points.checkpoint: resume", () -> vm.setPaused(false));
            done = true;
        } finally {
            if (!done && !session.isKilled()) {
                if (!paused) vm.setPaused(false);
                table().removeCheckpoint(checkpoint);
            }
        }
        return Duration.ofMillis(20);
    }

    private void turn(SimVm vm, DiskId current, DiskId overlay) throws IOException {
        if (!table().has(overlay)) {
            requireSpace();
            requireSound(current);
            session.call("points.turn: copy", () -> table().copyAside(current));
            session.call("points.turn: name", () -> {
                table().rename(current, overlay);
                vm.switchDisk(current, overlay);
            });
        }
        session.call("points.turn: name of the copy", table()::nameCopies);
    }

    // ---- checkpoints

    @Override public void compress(CheckpointId checkpoint, Progress progress, Deadline deadline) {}

    @Override public void ensureCheckpointAbsent(CheckpointId checkpoint) throws IOException {
        session.call("points.ensureCheckpointAbsent", () -> table().removeCheckpoint(checkpoint));
    }

    @Override public List<Checkpoint> checkpoints() throws IOException {
        return session.call("points.checkpoints", () -> table().checkpoints().entrySet().stream()
                .map(each -> new Checkpoint(each.getKey(), each.getValue().disk(), Bytes.mib(8), Bytes.mib(8))).toList());
    }

    private SimVm vm(InstanceId id) throws IOException {
        return host.find(id.brief()).flatMap(SimBox::vm)
                .orElseThrow(() -> new IOException("the container %s does not run".formatted(id.brief())));
    }

    private SimDisks table() {
        return host.diskTable();
    }

    private void requireSpace() {
        if (host.isDiskFull()) throw new Problem(ErrorCode.NO_SPACE, "What the container has written was not copied: the disk is full.");
    }

    private void requireSound(DiskId disk) {
        table().fault(disk).ifPresent(fault -> {
            throw new Problem(ErrorCode.DISK_DAMAGED, fault);
        });
    }

    private static Map<String, String> texts(Map<String, byte[]> files) {
        var texts = new TreeMap<String, String>();
        files.forEach((name, bytes) -> texts.put(name, new String(bytes, ISO_8859_1)));
        return texts;
    }
}
