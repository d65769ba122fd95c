package dev.hostal.core.network;

import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.Publication;
import dev.hostal.model.PublishedPort;
import dev.hostal.spi.LivePorts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The published ports of instances. Any thread may call.
public final class JournalledPorts {
    private final Wanted wanted;

    JournalledPorts(Wanted wanted) {
        this.wanted = wanted;
    }

    public List<Publication> all() {
        synchronized (wanted) {
            return wanted.ports.all();
        }
    }

    public List<Publication> of(InstanceId instance) {
        synchronized (wanted) {
            return wanted.ports.of(instance);
        }
    }

    /// @throws Problem NOT_FOUND
    public Publication get(String id) {
        synchronized (wanted) {
            return wanted.ports.get(id);
        }
    }

    public Publication publish(InstanceId instance, PublishedPort port) throws IOException, InterruptedException {
        Publication chosen;
        long number;
        synchronized (wanted) {
            chosen = wanted.choosePort(instance, port);
            boolean written = false;
            try {
                wanted.journal.write(List.of(), List.of(NetworkRecords.put(chosen)));
                written = true;
            } finally {
                if (!written) wanted.ports.remove(chosen.id());
            }
            number = wanted.changed();
        }
        wanted.await(number);
        return chosen;
    }

    public void unpublish(String id) throws InterruptedException {
        long number;
        synchronized (wanted) {
            var port = wanted.ports.get(id);
            wanted.journal.write(List.of(), List.of(NetworkRecords.deletePort(port.id())));
            wanted.ports.remove(port.id());
            number = wanted.changed();
        }
        wanted.await(number);
    }

    /// Whether QEMU's user networking is all that an instance has.
    public boolean isAlone(InstanceId id) {
        synchronized (wanted) {
            var nics = wanted.nics.of(id);
            return nics.stream().anyMatch(nic -> nic.kind() == NetworkKind.USER) && nics.stream().noneMatch(nic ->
                    nic.kind().hasBridge());
        }
    }

    /// What is published of an instance that is alone. Loopback of IPv6 is none of QEMU's.
    public List<LivePorts.Port> userPorts(InstanceId id) {
        var all = new ArrayList<LivePorts.Port>();
        for (var port : of(id)) {
            for (int i = 0; i < port.count(); i++) {
                all.add(new LivePorts.Port(port.protocol(), port.hostAddress(), port.hostPort() + i, port.guestPort() + i));
            }
        }
        return all;
    }
}
