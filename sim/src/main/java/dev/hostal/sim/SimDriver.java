package dev.hostal.sim;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.base.Undo;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Kind;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The driver of simulated machines, as one daemon uses it.
public final class SimDriver implements MachineDriver {
    private final SimHost host;
    private final SimSession session;
    private final Kind kind;

    SimDriver(SimHost host, SimSession session, Kind kind) {
        this.host = host;
        this.session = session;
        this.kind = kind;
    }

    @Override public Kind kind() {
        return kind;
    }

    @Override public Machine start(MachineSpec spec, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var there = find(spec.id(), deadline);
        if (there.isPresent()) return there.get();
        var box = host.box(spec.id().brief());
        if (host.isDiskFull()) throw new Problem(ErrorCode.NO_SPACE, "There is no space for the disk of the machine.");
        session.call("driver.start: disk", box::ensureFolder);
        try (var undo = new Undo()) {
            try {
                return boot(spec, box, progress, undo);
            } catch (DaemonKilled killed) {
                // The dead undo nothing.
                undo.commit();
                throw killed;
            }
        }
    }

    @Override public Optional<Machine> find(InstanceId id, Deadline deadline) throws IOException {
        return session.call("driver.find", () -> host.find(id.brief()).flatMap(SimBox::vm)
                .map(vm -> new SimMachine(host, session, vm)));
    }

    @Override public Set<String> known() throws IOException {
        session.call("driver.known");
        var known = new TreeSet<String>();
        host.boxes().forEach((id, box) -> {
            if (!box.isEmpty()) known.add(id);
        });
        return known;
    }

    @Override public void ensureStopped(String briefId) throws IOException {
        session.takePrepared(briefId);
        session.call("driver.ensureStopped: process",
                () -> host.find(briefId).flatMap(SimBox::vm).ifPresent(SimVm::kill));
        session.call("driver.ensureStopped: runtime folder",
                () -> host.find(briefId).ifPresent(SimBox::removeRunFolder));
    }

    @Override public void ensureAbsent(String briefId) throws IOException {
        ensureStopped(briefId);
        session.call("driver.ensureAbsent: disk", () -> host.forget(briefId));
    }

    @Override public MachineLogs logs(InstanceId id) {
        return host.box(id.brief()).logs();
    }

    @Override public Optional<PointsInTime> pointsInTime() {
        return Optional.of(switch (kind) {
            case VM -> new SimPoints(host, session);
            case CONTAINER -> new SimFolderPoints(host, session);
        });
    }

    @Override public List<Probe> probes() {
        return List.of(new Probe("sim", true, true, "Everything here is simulated.", ""));
    }

    private Machine boot(MachineSpec spec, SimBox box, Progress progress, Undo undo)
            throws IOException, InterruptedException {
        session.takePrepared(spec.id().brief()).ifPresent(base ->
                host.diskTable().ensure(spec.moment().disk().orElseThrow(), Optional.of(base)));
        var saved = savedFor(spec);
        session.call("driver.start: runtime folder", box::ensureRunFolder);
        undo.add(() -> session.unlessKilled(box::removeRunFolder));
        var vm = session.call("driver.start: process", () -> box.put(new SimVm(spec, host.time(), box.logs(),
                host.diskTable(), spec.moment().disk().isPresent() ? Map.of() : box.ensureWritten())));
        undo.add(() -> session.unlessKilled(vm::kill));
        host.requireAlone(vm);
        if (host.hasDeafGuests()) vm.deafen();
        progress.report("waiting for the guest");
        if (spec.moment().checkpoint().isEmpty()) host.time().sleep(host.bootTime());
        session.call("driver.start: guest");
        if (host.hasFailingBoots()) throw new Problem(ErrorCode.GUEST_NOT_READY,
                "The guest stopped at its kernel:\nKernel panic - not syncing: simulated");
        spec.moment().checkpoint().ifPresent(_ -> vm.goOnFrom(saved.orElseThrow()));
        undo.commit();
        return new SimMachine(host, session, vm);
    }

    /// The checkpoint that it goes on from.
    private Optional<SimDisks.Saved> savedFor(MachineSpec spec) {
        var disk = spec.moment().disk();
        var layered = spec.mounts().stream().map(MachineMount::source).filter(MachineMount.Layers.class::isInstance)
                .map(source -> ((MachineMount.Layers) source).disk());
        Stream.concat(disk.stream(), layered).flatMap(each -> host.diskTable().fault(each).stream()).findFirst().ifPresent(fault -> {
            throw new Problem(ErrorCode.DISK_DAMAGED, fault);
        });
        var saved = spec.moment().checkpoint().map(id -> host.diskTable().saved(id).orElseThrow(() ->
                new Problem(ErrorCode.DISK_DAMAGED, "The checkpoint %s is missing.".formatted(id))));
        if (saved.isPresent() && !host.diskTable().isFresh(disk.orElseThrow(), saved.get().disk())) {
            host.diskTable().violate("%s goes on from a checkpoint, but its disk %s was written to since"
                    .formatted(spec.id().brief(), disk.get()));
        }
        var volumesThen = saved.map(SimDisks.Saved::volumes).orElse(Map.of());
        for (var mount : spec.mounts()) {
            var then = volumesThen.get(mount.target());
            if (then != null && !(mount.source() instanceof MachineMount.Layers(var now, _)
                    && host.diskTable().isFresh(now, then))) {
                host.diskTable().violate("%s goes on from a checkpoint, but its volume at %s was written to since"
                        .formatted(spec.id().brief(), mount.target()));
            }
        }
        return saved;
    }
}
