package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.network.JournalledPorts;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.LivePorts;
import java.io.IOException;

/// Published ports of machines in QEMU's user networking, which forwards them itself.
final class UserPorts {
    private UserPorts() {}

    /// @throws Problem IN_USE: QEMU does not get a port
    static void ensure(JournalledPorts ports, InstanceId id, RunningMachine running, Deadline deadline)
            throws InterruptedException {
        if (!(running.machine() instanceof LivePorts live) || !ports.isAlone(id)) return;
        try {
            live.ensurePorts(ports.userPorts(id), deadline);
        } catch (IOException e) {
            throw new Problem(ErrorCode.IN_USE, e.getMessage(), e);
        }
    }
}
