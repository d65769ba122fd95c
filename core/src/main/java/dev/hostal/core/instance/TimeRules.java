package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.Request;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Mount;
import dev.hostal.model.Phase;
import dev.hostal.model.Schedule;
import dev.hostal.model.SnapshotId;
import dev.hostal.spi.VolumesInTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What of an instance's points in time may be asked for. For the owner's thread only.
final class TimeRules {
    /// Snapshots of one instance. Chosen: each is a layer that its disk lies over.
    private static final int SNAPSHOTS_MAX = 256;

    private final Node node;
    private final InstanceState state;

    TimeRules(Node node, InstanceState state) {
        this.node = node;
        this.state = state;
    }

    /// @throws Problem it is not possible now
    void check(Request.OfInstance request) {
        boolean volumes = request instanceof Request.TakeSnapshot take && take.volumes();
        if (volumes) requireVolumesInTime();
        if (keepsMemory(request) && state.record().spec().kind() == Kind.VM) {
            var kept = volumes ? node.volumes().disks().of(state.record().spec()).size() : 0;
            var others = beside(state.record().spec());
            if (others.size() > kept) throw memoryNotKept(request, others);
        }
        if (request instanceof Request.MakePool && state.record().spec().kind() == Kind.CONTAINER) throw new Problem(
                ErrorCode.UNSUPPORTED, "Pools are of virtual machines: a container needs no time to start.");
        switch (request) {
            case Request.TakeSnapshot take -> {
                var there = node.points().snapshots(state.record().id());
                if (there.stream().anyMatch(each -> each.name().equals(take.name()) && !each.id().equals(take.id()))) {
                    throw new Problem(ErrorCode.NAME_IN_USE, "Instance %s has a snapshot %s already."
                            .formatted(state.record().spec().name(), take.name()));
                }
                if (there.size() >= SNAPSHOTS_MAX) throw new Problem(ErrorCode.BUSY,
                        "Instance %s has %d snapshots already, the most that there can be.\nMaybe delete some."
                                .formatted(state.record().spec().name(), SNAPSHOTS_MAX));
            }
            case Request.RestoreSnapshot restore -> {
                require(restore.snapshot());
                if (restore.kept().flatMap(node.points()::snapshot).isEmpty() && restore.kept().isPresent()) {
                    throw new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, ("The present of instance %s could not be kept as "
                            + "a snapshot, so it was not gone back from it.").formatted(state.record().spec().name()));
                }
            }
            case Request.MakePool make -> {
                if (node.points().pool(make.name()).isPresent()) throw new Problem(ErrorCode.NAME_IN_USE,
                        "There is a pool %s already.".formatted(make.name()));
            }
            case Request.DeleteSnapshot(var snapshot) -> requireNoClones(Optional.of(snapshot));
            case Request.Clone clone -> clone.snapshot().ifPresent(this::require);
            default -> { /* Nothing else to be wrong. */ }
        }
    }

    /// A schedule takes no volumes along.
    ///
    /// @throws Problem UNSUPPORTED: the memory of such an instance can never be kept alone
    static void requireMemoryFor(Schedule schedule, InstanceSpec spec) {
        if (!schedule.memory() || spec.kind() != Kind.VM) return;
        beside(spec).stream().findFirst().ifPresent(mount -> {
            throw new Problem(ErrorCode.UNSUPPORTED, """
                    The memory of instance %s cannot be kept by a schedule: what it mounts at %s changes beside it.
                    Maybe let it take snapshots without memory.""".formatted(spec.name(), mount.target()));
        });
    }

    /// What is mounted and no part of memory.
    private static List<Mount> beside(InstanceSpec spec) {
        return spec.mounts().stream().filter(mount -> !mount.type().equals(Mount.TMPFS)).toList();
    }

    private Problem memoryNotKept(Request.OfInstance request, List<Mount> mounts) {
        boolean disks = mounts.size() == node.volumes().disks().of(state.record().spec()).size();
        var folder = mounts.stream().filter(mount -> !node.volumes().disks().isDisk(mount)).findFirst().orElse(mounts.getFirst());
        return new Problem(ErrorCode.UNSUPPORTED, """
                The memory of instance %s cannot be kept: what it mounts at %s changes beside it.
                Maybe %s.""".formatted(state.record().spec().name(), folder.target(),
                disks && request instanceof Request.TakeSnapshot ? "take its volumes along with --volumes, or leave out its memory"
                        : "stop it, or take a snapshot without its memory"));
    }

    /// @throws Problem UNSUPPORTED, WRONG_PHASE
    private void requireVolumesInTime() {
        var record = state.record();
        if (node.volumes().disks().of(record.spec()).isEmpty()) {
            record.spec().mounts().stream().filter(Mount::isVolume).findFirst().ifPresent(mount -> { throw new Problem(
                    ErrorCode.UNSUPPORTED, """
                    Volume %s has files and is no disk: it is no part of snapshots, and instance %s mounts no other.
                    Maybe make a copy of it instead: hostal volume snapshot %s""".formatted(mount.source(), record.spec().name(),
                    mount.source())); });
            return;
        }
        if (!(node.time(record).host(record.spec().kind()) instanceof VolumesInTime)) throw new Problem(ErrorCode.UNSUPPORTED, """
                Volumes are part of snapshots of virtual machines only, and instance %s is a container.
                Maybe make copies of them instead: hostal volume snapshot""".formatted(record.spec().name()));
        if (state.phase() instanceof Phase.Suspended) throw new Problem(ErrorCode.WRONG_PHASE, """
                Instance %s is suspended; its volumes can be part of a snapshot when it runs or is stopped.
                Maybe start it first.""".formatted(record.spec().name()));
    }

    private static boolean keepsMemory(Request.OfInstance request) {
        return switch (request) {
            case Request.Suspend _, Request.Fork _, Request.MakePool _ -> true;
            case Request.TakeSnapshot take -> take.memory();
            default -> false;
        };
    }

    private void require(SnapshotId snapshot) {
        if (node.points().snapshot(snapshot).filter(each -> each.instance().equals(state.record().id())).isEmpty()) {
            throw new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, "Instance %s has no snapshot %s any more."
                    .formatted(state.record().spec().name(), snapshot));
        }
    }

    /// @throws Problem IN_USE: linked clones need the snapshot, or the instance
    void requireNoClones(Optional<SnapshotId> snapshot) {
        var clones = node.points().clonesOf(state.record().id(), snapshot).stream()
                .flatMap(id -> node.registry().find(id).stream()).map(owner -> owner.view().name().value()).sorted().toList();
        if (clones.isEmpty()) return;
        throw new Problem(ErrorCode.IN_USE, "%s of instance %s is in use by the linked %s %s.\nMaybe 'hostal flatten %s' first."
                .formatted(snapshot.isPresent() ? "The snapshot" : "The disk", state.record().spec().name(),
                        clones.size() == 1 ? "clone" : "clones",
                        clones.stream().limit(10).collect(Collectors.joining(", ")),
                        clones.stream().limit(10).collect(Collectors.joining(" "))));
    }
}
