package dev.hostal.spi;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.util.List;

/// Ability of a [Machine]: its NICs may change while it runs.
public interface LiveNics {
    /// Afterwards the machine has these NICs, configured, and no others. What is so already is left alone; asked again,
    /// nothing happens. A NIC is another one when its MAC address or its device is.
    ///
    /// @throws dev.hostal.base.Problem UNSUPPORTED: that one cannot be attached or detached while it runs
    void ensureNics(List<MachineNic> nics, Deadline deadline) throws IOException, InterruptedException;
}
