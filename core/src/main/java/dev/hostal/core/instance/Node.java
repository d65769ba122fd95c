package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Limits;
import dev.hostal.core.StateLog;
import dev.hostal.core.event.EventLog;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.network.NetworkTable;
import dev.hostal.core.operation.Errands;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.core.point.Points;
import dev.hostal.core.point.Tidying;
import dev.hostal.core.volume.VolumeDesk;
import dev.hostal.model.Arch;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Kind;
import dev.hostal.spi.ImageExchange;
import dev.hostal.spi.Images;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.PointsInTime;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// What everything on this node shares.
///
/// @param starts permits to boot a machine
/// @param tidying where a driver keeps points in time
public record Node(
        Journal journal,
        OperationTable operations,
        EventLog events,
        Map<Kind, MachineDriver> drivers,
        Images images,
        Clock clock,
        Limits limits,
        Arch arch,
        Semaphore starts,
        StateLog log,
        VolumeDesk volumes,
        Registry registry,
        Points points,
        Optional<Tidying> tidying,
        Errands errands,
        NetworkTable networks,
        Reserves reserves,
        NextRun nextRun,
        NextFork nextFork) {

    public Node {
        drivers = Map.copyOf(drivers);
    }

    /// An id whose brief form no other instance has: folders, cgroups and sockets are called by that.
    public InstanceId newId() {
        while (true) {
            var id = points.newInstance();
            if (!registry.briefIds().contains(id.brief())) return id;
        }
    }

    /// Removes soon what no disk and no checkpoint is needed for any more.
    void tidy() {
        tidying.ifPresent(Tidying::ask);
    }

    /// Whether instances of that kind have disks that points in time can be kept of.
    boolean keepsTime(Kind kind) {
        return tidying.isPresent() && driver(kind).pointsInTime().isPresent();
    }

    /// Whether they get a disk only when the first point in time of them is asked for.
    boolean adoptsDisks(Kind kind) {
        return driver(kind).pointsInTime().filter(PointsInTime::adopts).isPresent();
    }

    /// @throws Problem UNSUPPORTED: points in time of that instance cannot be kept
    Tidying time(InstanceRecord record) {
        var kind = record.spec().kind();
        if (!keepsTime(kind)) throw new Problem(ErrorCode.UNSUPPORTED, "This node keeps no points in time of %s."
                .formatted(kind == Kind.VM ? "virtual machines" : "containers"));
        if (record.past().disk().isEmpty() && !adoptsDisks(kind)) throw new Problem(ErrorCode.UNSUPPORTED,
                "Instance %s was made by an older Hostal, with a disk that no points in time can be kept of."
                        .formatted(record.spec().name()));
        return tidying.orElseThrow();
    }

    /// @throws Problem UNSUPPORTED: nothing here runs that kind
    public MachineDriver driver(Kind kind) {
        var driver = drivers.get(kind);
        if (driver != null) return driver;
        if (kind == Kind.CONTAINER) throw new Problem(ErrorCode.UNSUPPORTED, """
                Containers need a daemon that runs as root; this one does not.
                Maybe make it a virtual machine with --vm: the same images work.""");
        throw new Problem(ErrorCode.UNSUPPORTED, "This node runs no instances of kind '%s'; it knows %s."
                .formatted(kind.word(), drivers.keySet().stream().map(Kind::word).sorted().toList()));
    }

    /// @throws Problem UNSUPPORTED: images neither leave nor come but by being pulled
    public ImageExchange exchange() {
        if (images instanceof ImageExchange exchange) return exchange;
        throw new Problem(ErrorCode.UNSUPPORTED, "This node's image store only pulls images.");
    }
}
