package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What every driver of instances can do. Machines outlive the daemon: what a driver must know to find one
/// again is in the machine's runtime folder. Every method may be repeated.
public interface MachineDriver {
    Kind kind();

    /// Starts the machine and returns when its guest answers and is configured, but before its program runs
    /// (see [Guest#runMain]). A machine of that id that is already there is adopted and brought to that state.
    ///
    /// @throws dev.hostal.base.Problem GUEST_NOT_READY with the stage and the console's tail, ENGINE_MISSING
    /// @throws IOException the machine did not start; nothing of it is left but its disks and logs
    Machine start(MachineSpec spec, Progress progress, Deadline deadline) throws IOException, InterruptedException;

    /// The running machine of that id, made usable again after a restart of the daemon.
    Optional<Machine> find(InstanceId id, Deadline deadline) throws IOException, InterruptedException;

    /// Names (see [InstanceId#brief]) of every instance of which something is here: a process, a cgroup, a folder.
    Set<String> known() throws IOException;

    /// Afterwards no process, cgroup, socket or runtime folder of it is left; its disks and logs stay.
    void ensureStopped(String briefId) throws IOException, InterruptedException;

    /// Afterwards nothing of it is left, its disks and logs included.
    void ensureAbsent(String briefId) throws IOException, InterruptedException;

    /// Whether something in the machine was killed because the machine met its limit of memory; to be asked before
    /// what is left of an ended machine is taken away.
    default boolean ranOutOfMemory(String briefId) throws IOException {
        return false;
    }

    /// The logs of an instance, whether it runs or not.
    MachineLogs logs(InstanceId id);

    /// Points in time of its machines, where it can keep them.
    default Optional<PointsInTime> pointsInTime() {
        return Optional.empty();
    }

    /// What its instances have in their roots, where that can be read from outside.
    default Optional<Roots> roots() {
        return Optional.empty();
    }

    /// What was found out by trying: each ability's verdict, reason and remedy.
    List<Probe> probes() throws IOException, InterruptedException;
}
