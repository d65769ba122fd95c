package dev.hostal.core;

import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.SnapshotId;
import java.util.List;
import java.util.Optional;

/// Copies of instances. The operations' results are the ids of the new instances, in the order of their names.
public interface Copies {
    /// Most forks of one request. Chosen.
    int FORKS_MAX = 64;

    /// How a clone is made.
    ///
    /// @param linked it lies over the disk of its source, which cannot be deleted until the clone was flattened
    /// @param sameIdentity it keeps its source's MAC, host name, machine-id and SSH host keys
    record CloneSpec(InstanceName name, boolean linked, boolean sameIdentity) {}

    /// Makes a stopped instance with the disk that the source has now, or had at the snapshot.
    ///
    /// @throws dev.hostal.base.Problem NAME_IN_USE, UNSUPPORTED, SNAPSHOT_NOT_FOUND
    Operation clone(InstanceId source, Optional<SnapshotId> snapshot, CloneSpec spec);

    /// Frees an instance's disk from every other's: afterwards it needs nothing but itself.
    Operation flatten(InstanceId instance);

    /// Makes running copies of a running instance, memory and disk, and ends when all of them answer.
    ///
    /// @param sameIdentity they keep the source's MAC, host name and machine-id
    /// @throws dev.hostal.base.Problem NAME_IN_USE, UNSUPPORTED, WRONG_PHASE
    Operation fork(InstanceId source, List<InstanceName> names, boolean sameIdentity);

    /// Forks several at one instant: all of them stand still before the first is copied. Each copy is called like its
    /// source, with a suffix: `web-blue`.
    Operation forkGroup(List<InstanceId> sources, String suffix, boolean sameIdentity);

    /// Names that are free now: `web-1`, `web-2`, …
    List<InstanceName> forkNames(InstanceId source, int count);

    /// A name that is free now: `web-clone`, `web-clone-2`, …
    InstanceName cloneName(InstanceId source);

    /// A suffix with which the names of all copies are free now: `1`, `2`, …
    String groupSuffix(List<InstanceId> sources);
}
