package dev.hostal.container;

import dev.hostal.linux.Links;
import dev.hostal.linux.ProcessId;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineNic.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// NICs of containers: the host's ends of virtual cables, whose other ends go with the container's network. Any thread
/// may ask.
final class ContainerNics {
    /// The container's network as a descriptor of its agent; container.c has the same.
    private static final int NETWORK_FD = 100;

    /// Bytes, as the guest sees them.
    record Traffic(long received, long sent) {}

    private Optional<Links> links = Optional.empty();

    private synchronized Links links() throws IOException {
        if (links.isEmpty()) links = Optional.of(Links.open());
        return links.get();
    }

    /// Puts NICs into the network that an agent has made. A cable of a former start may not be gone yet.
    void plug(List<MachineNic> nics, ProcessId agent) throws IOException {
        var network = Path.of("/proc", Long.toString(agent.pid()), "fd", Integer.toString(NETWORK_FD));
        for (var nic : nics) {
            switch (nic.way()) {
                case Way.Bridge(var bridge, var device, var isolated) -> {
                    int index = indexOf(bridge);
                    var peer = new Links.Peer(nic.name(), Links.mac(nic.mac()), network);
                    again(device, () -> links().addVeth(device, index, nic.mtu(), peer));
                    links().port(indexOf(device), isolated, true);
                }
                case Way.Parent(var parent, var device) -> {
                    int index = indexOf(parent);
                    again(nic.name(), () -> links().addMacvlan("macvlan", nic.name(), index, Links.mac(nic.mac()),
                            nic.mtu(), Optional.of(network)));
                }
                case Way.User _, Way.Host _ -> { /* Nothing to be plugged in. */ }
            }
        }
    }

    /// Of all NICs together.
    Traffic traffic(List<MachineNic> nics) throws IOException {
        long received = 0;
        long sent = 0;
        for (var nic : nics) {
            if (!(nic.way() instanceof Way.Bridge(_, var device, _))) continue;
            var link = links().find(device);
            if (link.isEmpty()) continue;
            received += link.get().sent().bytes();
            sent += link.get().received().bytes();
        }
        return new Traffic(received, sent);
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private void again(String device, Step step) throws IOException {
        try {
            step.run();
        } catch (IOException e) {
            if (!Links.isThereAlready(e)) throw e;
            links().ensureAbsent(device);
            step.run();
        }
    }

    private int indexOf(String name) throws IOException {
        return links().find(name).orElseThrow(() -> new IOException("the host has no interface " + name)).index();
    }
}
