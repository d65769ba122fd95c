package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.spi.LivePorts.Port;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Ports of the host that QEMU's user networking forwards. They can be changed by words for people only, which say nothing
/// where all went well. Source: hmp-commands.hx, `hostfwd_add`; net/slirp.c.
final class UserPorts {
    private final Monitor monitor;
    private Set<Port> forwarded = Set.of();

    UserPorts(Monitor monitor) {
        this.monitor = monitor;
    }

    /// What was forwarded may be gone with its NIC.
    synchronized void forget() {
        forwarded = Set.of();
    }

    /// @param netdev that forwards them
    /// @param guest its address there; empty: the usual one
    synchronized void ensure(String netdev, String guest, List<Port> wanted, Deadline deadline) throws IOException, InterruptedException {
        var now = new HashSet<>(forwarded);
        Optional<IOException> failure = Optional.empty();
        for (var port : forwarded) {
            if (wanted.contains(port)) continue;
            say("hostfwd_remove %s %s:%s:%d".formatted(netdev, port.protocol(), port.hostAddress(), port.hostPort()), deadline);
            now.remove(port);
        }
        for (var port : wanted) {
            if (now.contains(port)) continue;
            // An earlier daemon may have asked for it, and QEMU would refuse it as somebody else's.
            say("hostfwd_remove %s %s:%s:%d".formatted(netdev, port.protocol(), port.hostAddress(), port.hostPort()), deadline);
            var said = say("hostfwd_add %s %s:%s:%d-%s:%d".formatted(netdev, port.protocol(), port.hostAddress(),
                    port.hostPort(), guest, port.guestPort()), deadline);
            if (said.isEmpty()) now.add(port);
            else failure = Optional.of(new IOException("Port %s:%d/%s of the host cannot lead to the guest: %s".formatted(
                    port.hostAddress(), port.hostPort(), port.protocol(), said)));
        }
        forwarded = Set.copyOf(now);
        if (failure.isPresent()) throw failure.get();
    }

    private String say(String line, Deadline deadline) throws IOException, InterruptedException {
        return monitor.call(new QmpCommand.HumanMonitorCommand(line), deadline).strip();
    }
}
