package dev.hostal.container;

import dev.hostal.linux.Links;
import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.linux.ProcessId;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineNic.Way;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /// Whether that is the host's own network, or another container's.
    static boolean isOthers(List<MachineNic> nics) {
        return nics.stream().anyMatch(nic -> nic.way() instanceof Way.Host || nic.way() instanceof Way.Joined);
    }

    /// Takes and gives NICs while the container runs. A device that goes takes its other end with it.
    void change(List<MachineNic> before, List<MachineNic> after, ProcessId agent)
            throws IOException, InterruptedException {
        var kept = after.stream().map(ContainerNics::identity).toList();
        for (var nic : before) {
            if (kept.contains(identity(nic))) continue;
            if (nic.way() instanceof Way.Bridge(_, var device, _)) links().ensureAbsent(device);
            else NetworkNamespaces.in(network(agent), () -> remove(nic.name()));
        }
        var there = before.stream().map(ContainerNics::identity).toList();
        var fresh = new ArrayList<MachineNic>();
        for (var nic : after) {
            if (!there.contains(identity(nic)) || isMissing(nic)) fresh.add(nic);
        }
        plug(fresh, agent);
        NetworkNamespaces.in(network(agent), () -> configure(after, before));
    }

    private static List<Object> identity(MachineNic nic) {
        return List.of(nic.way(), nic.mac());
    }

    private boolean isMissing(MachineNic nic) throws IOException {
        return nic.way() instanceof Way.Bridge(_, var device, _) && links().find(device).isEmpty();
    }

    private static Void remove(String name) throws IOException {
        try (var inside = Links.open()) {
            inside.ensureAbsent(name);
        }
        return null;
    }

    /// Addresses of all, and the default routes of those that got them.
    private static Void configure(List<MachineNic> nics, List<MachineNic> before) throws IOException {
        try (var inside = Links.open()) {
            for (var nic : nics) {
                if (before.contains(nic)) continue;
                int index = inside.find(nic.name()).orElseThrow(() -> new IOException("the container has no " + nic.name()))
                        .index();
                inside.up(index);
                for (var address : nic.addresses()) {
                    int slash = address.indexOf('/');
                    inside.ensureAddress(index, InetAddress.getByName(address.substring(0, slash)),
                            Integer.parseInt(address.substring(slash + 1)));
                }
                for (var gateway : nic.gateways()) inside.ensureGateway(index, InetAddress.getByName(gateway));
            }
        }
        return null;
    }

    static Path network(ProcessId agent) {
        return Path.of("/proc", Long.toString(agent.pid()), "fd", Integer.toString(NETWORK_FD));
    }

    /// Puts NICs into the network that an agent has made. A cable of a former start may not be gone yet.
    void plug(List<MachineNic> nics, ProcessId agent) throws IOException {
        var network = network(agent);
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
                case Way.User _, Way.Host _, Way.Joined _ -> { /* Nothing to be plugged in. */ }
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
