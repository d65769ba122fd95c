package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.WarmRecord;
import dev.hostal.core.point.Points;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.DiskId;
import dev.hostal.model.Kind;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime.Switch;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The first start of a virtual machine that runs a program: it goes on from the checkpoint of a guest of the same
/// image, size and hardware just before its program would have run; where there is none it boots, and leaves one.
///
/// The machine that leaves one boots with a disk of its own, and goes on with the instance's disk over that. So at
/// any moment either the instance's disk is new, or its machine runs: a daemon that finds neither begins anew.
final class WarmStart {
    /// A checkpoint that was gone on from is written down as used so seldom. Chosen: it only says which goes first.
    private static final Duration USED_EVERY = Duration.ofMinutes(10);
    private static final int BRIEF_TIMES = 2;

    /// Starts a machine in its turn.
    @FunctionalInterface
    interface Starter {
        Machine start(MachineSpec spec, Duration max) throws IOException, InterruptedException;
    }

    private final Node node;
    private final InstanceRecord record;
    private final Starter starter;
    private final boolean cold;
    private final MachineDriver driver;
    private final Tidying time;
    private final Points points;

    WarmStart(Node node, InstanceRecord record, Starter starter, boolean cold) {
        this.node = node;
        this.record = record;
        this.starter = starter;
        this.cold = cold;
        driver = node.driver(record.spec().kind());
        time = node.time(record);
        points = node.points();
    }

    /// Whether it is such a start.
    static boolean isFor(Node node, InstanceRecord record, MachineSpec spec) {
        var past = record.past();
        return node.limits().warm() > 0 && record.spec().kind() == Kind.VM && !record.init() && spec.root().disk().isEmpty()
                && spec.mounts().isEmpty() && record.startedAt().isEmpty() && past.memory().isEmpty() && past.position().isEmpty()
                && past.origin().isEmpty() && past.turn().isEmpty()
                && past.disk().flatMap(node.points()::disk).filter(disk -> !disk.made()).isPresent();
    }

    Machine start(MachineSpec spec, Work work) throws IOException, InterruptedException {
        var disk = points.disk(record.past().disk().orElseThrow()).orElseThrow();
        var key = WarmKey.of(record.imageDigest(), spec);
        if (disk.base().isPresent()) {
            var there = found(disk, disk.base().get(), spec, key);
            if (there.isPresent()) return there.get();
        }
        var warm = cold ? Optional.<WarmRecord>empty() : points.warm(key);
        if (warm.isPresent()) {
            try {
                var machine = goOn(warm.get(), disk, spec);
                node.nextRun().begun(node, record, spec, warm.get());
                return machine;
            } catch (IOException | Problem e) {
                // Another QEMU, a damaged file: what is kept is of no use, and the guest can boot.
                node.log().warn("warm.useless", "instance", record.spec().name(), "checkpoint", warm.get().memory(),
                        "because", e.getMessage());
                forget(warm.get());
            }
        }
        if (cold || !points.claimWarm(key)) return boot(spec);
        try {
            return bootAndKeep(key, disk, spec, work);
        } finally {
            points.unclaimWarm(key);
        }
    }

    /// The machine that an earlier daemon has started, or that waited for this run, where it can be used.
    private Optional<Machine> found(DiskRecord disk, DiskId base, MachineSpec spec, String key)
            throws IOException, InterruptedException {
        points.hold(base);
        try (var _ = time.share(base)) {
            var waited = node.nextRun().settled(node, record.id());
            if (waited.isPresent() && (cold || !waited.get().equals(key))) return Optional.empty();
            var there = driver.find(record.id(), brief());
            if (there.isPresent()) {
                time.host(Kind.VM).switchDisks(record.id(), Switch.own(base, disk.id()), brief());
                if (there.get().isPaused()) there.get().resume(brief());
                time.host(Kind.VM).renew(spec, brief());
                points.warm(key).ifPresent(warm -> node.nextRun().begun(node, record, spec, warm));
            }
            return there;
        } catch (IOException | Problem e) {
            node.log().warn("warm.abandoned", "instance", record.spec().name(), "because", e.getMessage());
            return Optional.empty();
        } finally {
            points.letGo(base);
        }
    }

    private Machine goOn(WarmRecord warm, DiskRecord disk, MachineSpec spec) throws IOException, InterruptedException {
        points.hold(warm.disk());
        try (var _ = time.share(warm.disk())) {
            var below = points.disk(warm.disk()).orElseThrow(() -> new Problem(ErrorCode.DISK_DAMAGED,
                    "The disk %s is not here any more.".formatted(warm.disk())));
            beginAnew(below.overlay(disk.id()));
            var machine = starter.start(spec.at(new MachineSpec.Moment(Optional.of(disk.id()),
                    Optional.of(warm.memory()), true)), node.limits().briefMax().multipliedBy(BRIEF_TIMES));
            used(warm);
            return machine;
        } finally {
            points.letGo(warm.disk());
        }
    }

    private Machine boot(MachineSpec spec) throws IOException, InterruptedException {
        var disk = points.disk(record.past().disk().orElseThrow()).orElseThrow();
        var own = DiskRecord.first(disk.id(), Kind.VM, disk.size());
        try (var _ = time.share(own.id())) {
            if (!disk.equals(own)) beginAnew(own);
            else time.host(Kind.VM).ensureDisk(own.id(), Optional.empty(), own.size(), brief());
            return starter.start(spec, startMax());
        }
    }

    private Machine bootAndKeep(String key, DiskRecord disk, MachineSpec spec, Work work)
            throws IOException, InterruptedException {
        var base = DiskRecord.first(points.newDisk(), Kind.VM, disk.size());
        points.hold(base.id());
        try (var _ = time.share(base.id())) {
            driver.ensureStopped(record.id().brief());
            time.host(Kind.VM).ensureDiskAbsent(disk.id());
            var over = base.overlay(disk.id());
            node.journal().write(List.of(), List.of(PointRecords.put(base), PointRecords.put(over)));
            points.show(over);
            points.show(base);
            time.host(Kind.VM).ensureDisk(base.id(), Optional.empty(), base.size(), brief());
            var machine = starter.start(spec.at(new MachineSpec.Moment(Optional.of(base.id()), Optional.empty(), false)),
                    startMax());
            boolean kept = false;
            try {
                keep(key, base, over, spec, machine, work);
                kept = true;
                return machine;
            } finally {
                if (!kept) machine.close();
            }
        } finally {
            points.letGo(base.id());
        }
    }

    /// What cannot be kept, for want of space perhaps, costs the guest nothing.
    private void keep(String key, DiskRecord base, DiskRecord over, MachineSpec spec, Machine machine, Work work)
            throws IOException, InterruptedException {
        var checkpoint = points.newCheckpoint();
        points.hold(checkpoint);
        try {
            work.report("keeping the guest for later runs");
            time.host(Kind.VM).checkpoint(record.id(), checkpoint, Switch.own(base.id(), over.id()), true, work, brief());
            var warm = new WarmRecord(key, base.id(), checkpoint, node.clock().instant());
            node.journal().write(List.of(), List.of(PointRecords.put(base.seen()), PointRecords.put(warm)));
            points.show(warm);
            points.show(base.seen());
            node.nextRun().begun(node, record, spec, warm);
            node.log().info("warm.kept", "image", record.spec().image().familiar(), "checkpoint", checkpoint);
            forgetOldest();
        } catch (IOException | Problem e) {
            if (node.journal().isClosed()) throw e;
            node.log().warn("warm.not-kept", "instance", record.spec().name(), "because", e.getMessage());
            time.host(Kind.VM).switchDisks(record.id(), Switch.own(base.id(), over.id()), brief());
            if (machine.isPaused()) machine.resume(brief());
        } finally {
            points.letGo(checkpoint);
            node.tidy();
        }
    }

    /// Afterwards nothing of an earlier attempt is there, and the disk is what that record says.
    private void beginAnew(DiskRecord disk) throws IOException, InterruptedException {
        driver.ensureStopped(record.id().brief());
        time.host(Kind.VM).ensureDiskAbsent(disk.id());
        node.journal().write(List.of(), List.of(PointRecords.put(disk)));
        points.show(disk);
        time.host(Kind.VM).ensureDisk(disk.id(), disk.base(), disk.size(), brief());
    }

    private void used(WarmRecord warm) {
        var now = node.clock().instant();
        if (warm.usedAt().plus(USED_EVERY).isAfter(now) || points.warm(warm.key()).isEmpty()) return;
        var later = warm.usedAt(now);
        node.journal().write(List.of(), List.of(PointRecords.put(later)));
        points.show(later);
    }

    private void forgetOldest() throws IOException {
        var all = points.warm();
        for (int i = 0; i < all.size(); i++) {
            boolean tooMany = all.size() - i > node.limits().warm();
            if (tooMany || node.images().byDigest(WarmKey.imageOf(all.get(i).key())).isEmpty()) forget(all.get(i));
        }
    }

    private void forget(WarmRecord warm) {
        node.journal().write(List.of(), List.of(PointRecords.deleteWarm(warm.key())));
        points.forgetWarm(warm.key());
        node.tidy();
    }

    private Duration startMax() {
        return node.limits().startMax(record.arch(), node.arch());
    }

    private Deadline brief() {
        return Deadline.in(node.limits().briefMax());
    }
}
