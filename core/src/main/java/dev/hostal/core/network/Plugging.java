package dev.hostal.core.network;

import dev.hostal.base.Deadline;
import dev.hostal.spi.MachineNic;
import java.util.List;

/// The NICs of a machine that is being started. Its program must not run before the host is ready for it.
///
/// @param ready returns when it is
public record Plugging(List<MachineNic> nics, Ready ready) {
    /// Waits until what the NICs are plugged into is there.
    @FunctionalInterface
    public interface Ready {
        /// @throws dev.hostal.base.Problem DRIVER_FAILED, TIMED_OUT
        void await(Deadline deadline) throws InterruptedException;
    }

    public Plugging {
        nics = List.copyOf(nics);
    }
}
