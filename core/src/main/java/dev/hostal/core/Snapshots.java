package dev.hostal.core;

import dev.hostal.base.Bytes;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Schedule;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Points in time of instances, as a tree for each: every snapshot knows which one the instance went on from.
public interface Snapshots {
    /// Longest description, in characters. Chosen.
    int DESCRIPTION_MAX = 4096;

    /// Takes one; the operation's result is its id.
    ///
    /// @param name empty: one that is free
    /// @param memory memory and devices too, of a running or suspended instance
    /// @param volumes the volumes that are disks too, of a virtual machine; others mount none of them
    /// @throws dev.hostal.base.Problem UNSUPPORTED, WRONG_PHASE, NAME_IN_USE, IN_USE
    Operation create(InstanceId instance, Optional<SnapshotName> name, String description, boolean memory, boolean volumes);

    /// Parents before children, else in order of creation.
    List<Snapshot> list(InstanceId instance) throws IOException, InterruptedException;

    /// @throws dev.hostal.base.Problem SNAPSHOT_NOT_FOUND
    Snapshot get(InstanceId instance, String nameOrId) throws IOException, InterruptedException;

    /// Takes the instance back to the snapshot, and the volumes that are part of it; what was written since the newest
    /// snapshot is lost. One with memory is gone back to from any phase, and runs on from its instant. One of the disk alone needs a stopped instance.
    ///
    /// @param force ends a running machine first, and starts it again afterwards; drops a suspended one's memory
    Operation restore(InstanceId instance, SnapshotId snapshot, boolean force);

    /// Nothing else is lost by it: its children become its parent's.
    ///
    /// @throws dev.hostal.base.Problem IN_USE, with the names of linked clones that lie over it
    Operation delete(InstanceId instance, SnapshotId snapshot);

    /// @throws dev.hostal.base.Problem NAME_IN_USE
    Snapshot rename(InstanceId instance, SnapshotId snapshot, SnapshotName name, String description)
            throws IOException, InterruptedException;

    /// Takes one every so often while the instance runs; replaces the schedule that was there.
    Schedule schedule(InstanceId instance, Duration every, int keep, boolean memory, Optional<Bytes> space);

    Optional<Schedule> schedule(InstanceId instance);

    /// What it has taken stays.
    void unschedule(InstanceId instance);

    /// Goes back to the newest snapshot at or before that time, as [#restore] by force does. The present is kept as a
    /// snapshot of the same disks first; the operation's results are the ids of the two.
    ///
    /// @throws dev.hostal.base.Problem SNAPSHOT_NOT_FOUND there is none that old
    Operation rewind(InstanceId instance, Instant time) throws IOException, InterruptedException;
}
