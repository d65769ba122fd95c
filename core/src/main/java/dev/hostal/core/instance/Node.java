package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Limits;
import dev.hostal.core.StateLog;
import dev.hostal.core.event.EventLog;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.core.volume.VolumeDesk;
import dev.hostal.model.Arch;
import dev.hostal.model.Kind;
import dev.hostal.spi.ImageExchange;
import dev.hostal.spi.Images;
import dev.hostal.spi.MachineDriver;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// What everything on this node shares.
///
/// @param starts permits to boot a machine
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
        VolumeDesk volumes) {

    public Node {
        drivers = Map.copyOf(drivers);
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
