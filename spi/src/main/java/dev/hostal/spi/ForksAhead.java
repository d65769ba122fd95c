package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import java.io.IOException;

/// Begins forks before they are asked for: an ability of [PointsInTime].
public interface ForksAhead {
    /// Does as much of a fork as can be done before its instant: [PointsInTime#checkpoint] of the source under the copy's
    /// checkpoint, and then the start of the copy, take less time. No code of its guest runs before. Whoever does not want
    /// it any more removes machine, checkpoint and disk by their ids, as any other.
    ///
    /// @param source runs
    /// @param copy its checkpoint and its disk are not there yet
    /// @param current what the source writes to, and what the copy's disk is to lie over
    void prepare(InstanceId source, MachineSpec copy, DiskId current, Deadline deadline)
            throws IOException, InterruptedException;

    /// Whether something waits for the start of that machine. Its disk is that start's then, and is left as it is.
    boolean isPrepared(InstanceId copy);
}
