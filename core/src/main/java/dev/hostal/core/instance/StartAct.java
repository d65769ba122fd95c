package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.network.Plugging;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.ForksAhead;
import dev.hostal.spi.Images;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// From a record to a running program. Can be done again after a crash: a driver adopts the machine that is
/// already there. What fails, or is given up, leaves nothing but disks and logs.
final class StartAct implements Work.Act {
    private final Node node;
    private final InstanceRecord record;
    private final Attachments attachments;
    private final MachineDriver driver;
    private final boolean cold;

    /// @param cold it boots, also where it could go on from a checkpoint of its image
    StartAct(Node node, InstanceRecord record, Attachments attachments, boolean cold) {
        this.node = node;
        this.record = record;
        this.attachments = attachments;
        this.cold = cold;
        this.driver = node.driver(record.spec().kind());
    }

    /// For its [#spec] alone.
    StartAct(Node node, InstanceRecord record) {
        this(node, record, new Attachments(false), true);
    }

    @Override public Outcome run(Work work) throws IOException, InterruptedException {
        if (!attachments.alone().tryAcquire()) {
            work.report("waiting for files that are copied");
            attachments.alone().acquire();
        }
        try {
            return runAlone(work);
        } finally {
            attachments.alone().release();
        }
    }

    private Outcome runAlone(Work work) throws IOException, InterruptedException {
        // Also what fails before the machine starts is undone: an earlier daemon may have started it already.
        try {
            Joins.requireRunning(record, node.registry());
            var plugging = node.networks().machines().plug(record);
            var running = new RunningMachine(boot(work, plugging), driver.logs(record.id()), node.log());
            begin(running, plugging);
            return new Outcome.Up(running);
        } catch (IOException | InterruptedException | RuntimeException e) {
            // An end of the daemon is no failure: the next one goes on where this one stopped.
            if (!node.journal().isClosed()) undo(e);
            throw e;
        }
    }

    /// Address of the only NIC: from the id, so that it stays the same, in the range that QEMU's documents use.
    static String macOf(InstanceId id) {
        var digits = id.value();
        return "52:54:00:%s:%s:%s".formatted(digits.substring(0, 2), digits.substring(2, 4), digits.substring(4, 6));
    }

    private Machine boot(Work work, Plugging plugging) throws IOException, InterruptedException {
        var machine = spec(work, plugging.nics());
        var past = record.past();
        if (WarmStart.isFor(node, record, machine)) {
            return new WarmStart(node, record, (spec, max) -> start(spec, work, max), cold).start(machine, work);
        }
        if (past.disk().isPresent()) {
            var disks = new Disks(node);
            try (var _ = node.time(record).share(disks.of(record))) {
                var host = node.time(record).host(record.spec().kind());
                prepareDisk(host);
                disks.prepareVolumes(record, host);
                return start(machine, work);
            }
        }
        return start(machine, work);
    }

    /// All that its driver is to know of the instance.
    MachineSpec spec(Progress work, List<MachineNic> nics) throws IOException, InterruptedException {
        var image = node.images().byDigest(record.imageDigest()).orElseThrow(() -> new Problem(
                ErrorCode.IMAGE_NOT_FOUND, "The image %s (%s) is no longer in the store, so the instance cannot start."
                        .formatted(record.spec().image().familiar(), record.imageDigest())));
        if (image.arch() != record.arch()) throw new Problem(ErrorCode.WRONG_ARCHITECTURE,
                "The image is for %s, the instance for %s.".formatted(image.arch().word(), record.arch().word()));
        var root = prepare(image, work, Deadline.in(node.limits().prepareMax()));
        // Another instance's end may have removed it in the instant in which this one was made.
        var whole = node.images().disk(image.digest());
        if (whole.isPresent()) new ImageDisks(node).ensure(whole.get());
        var spec = record.spec();
        var past = record.past();
        var linking = Linking.of(record, node);
        var program = record.init() ? Optional.<ProgramSpec>empty()
                : Optional.of(Programs.main(spec, image.program().with(linking.env())));
        return new MachineSpec(record.id(), Programs.hostname(spec), record.arch(), spec.cpus(), spec.memory(),
                spec.diskSize(), root, macOf(past.identity().orElse(record.id())), program,
                new MachineSpec.Moment(past.disk(), past.memory(), past.renewed()), spec.limits(), spec.confinement().with(linking.hosts()),
                node.volumes().mounts(record.id(), spec), nics);
    }

    /// Afterwards the disk is as the machine needs it. One that goes with a checkpoint must not have been written to,
    /// not even by a start that failed.
    private void prepareDisk(PointsInTime host) throws IOException, InterruptedException {
        var disk = record.past().disk().flatMap(node.points()::disk).orElseThrow();
        var deadline = Deadline.in(node.limits().briefMax());
        if (record.past().memory().isPresent()) {
            if (isPrepared(host, disk)) return;
            driver.ensureStopped(record.id().brief());
            host.ensureDiskAbsent(disk.id());
            host.ensureDisk(disk.id(), disk.base(), disk.size(), deadline);
        } else if (!disk.made()) {
            host.adoptDisk(record.id(), disk.id());
            host.ensureDisk(disk.id(), disk.base(), disk.size(), deadline);
        } else {
            host.fault(disk.id()).ifPresent(fault -> {
                throw new Problem(ErrorCode.DISK_DAMAGED, "The disk of instance %s cannot be used, so it was not started. %s"
                        .formatted(record.spec().name(), fault));
            });
        }
    }

    /// A machine waits for this start that has the disk open; it has not run.
    private boolean isPrepared(PointsInTime host, DiskRecord disk) {
        return host instanceof ForksAhead ahead && ahead.isPrepared(record.id())
                && node.nextFork().diskFor(record.id(), record.past().memory().orElseThrow()).equals(Optional.of(disk));
    }

    private Machine start(MachineSpec machine, Work work) throws IOException, InterruptedException {
        return start(machine, work, node.limits().startMax(record.arch(), node.arch()));
    }

    private Machine start(MachineSpec machine, Work work, Duration max) throws IOException, InterruptedException {
        if (!node.starts().tryAcquire()) {
            work.report("waiting for other machines to boot (%d at once)".formatted(node.limits().startsAtOnce()));
            node.starts().acquire();
        }
        try {
            work.report("booting");
            return driver.start(machine, work, Deadline.in(max));
        } finally {
            node.starts().release();
        }
    }

    private RootImage prepare(Images.Image image, Progress work, Deadline deadline)
            throws IOException, InterruptedException {
        return switch (record.spec().kind()) {
            case VM -> node.images().prepare(image.digest(), record.init(), work, deadline);
            case CONTAINER -> node.images().prepareLayers(image.digest(), work, deadline);
        };
    }

    private void begin(RunningMachine running, Plugging plugging) throws IOException, InterruptedException {
        boolean begun = false;
        var deadline = Deadline.in(node.limits().briefMax());
        try {
            boolean attached = attachments.bindAll(running, deadline);
            plugging.ready().await(deadline);
            UserPorts.ensure(node.networks().ports(), record.id(), running, deadline);
            if (!record.init()) running.guest().runMain(attached, deadline);
            // Who runs a program once does not ask where it was; everyone else finds the address at once.
            if (!record.spec().autoRemove()) running.tryToRefreshAddresses(deadline);
            begun = true;
        } finally {
            if (!begun) {
                attachments.close();
                running.close();
            }
        }
    }

    private void undo(Exception why) throws InterruptedException {
        // Whoever gave up the start wants the machine gone, too.
        boolean interrupted = Thread.interrupted();
        Optional<IOException> left;
        try {
            left = new Acts(node, record).undoStart();
        } catch (InterruptedException e) {
            // It was given up while it failed by itself. A second interrupt can only be the daemon's end.
            if (interrupted || node.journal().isClosed()) throw e;
            left = new Acts(node, record).undoStart();
        }
        if (left.isPresent()) throw new Problem(ErrorCode.DRIVER_FAILED,
                "%s\nSomething of the machine is left: %s".formatted(why.getMessage(), left.get().getMessage()), why);
    }
}
