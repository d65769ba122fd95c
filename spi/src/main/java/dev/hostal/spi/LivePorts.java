package dev.hostal.spi;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.util.List;

/// Ability of a [Machine] whose network is QEMU's own (see [MachineNic.Way.User]): ports of the host lead to it.
public interface LivePorts {
    /// A port of the host that leads to one of the guest.
    ///
    /// @param hostAddress of IPv4
    record Port(String protocol, String hostAddress, int hostPort, int guestPort) {}

    /// Afterwards these ports lead to the guest, and no others; asked again, nothing happens.
    ///
    /// @throws IOException one cannot be: somebody else has it; the others are as wanted
    void ensurePorts(List<Port> ports, Deadline deadline) throws IOException, InterruptedException;
}
