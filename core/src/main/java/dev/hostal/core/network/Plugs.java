package dev.hostal.core.network;

import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Link;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.Shape;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.NetworkPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// From what was chosen to what drivers are told: pure functions.
///
/// @param names empty where there is no driver of networks
/// @param switched NICs in user networking meet others
record Plugs(Optional<LinkNames> names, Map<String, NetworkRecord> networks, boolean switched) {
    /// Both families: a published port of loopback leads to the guest by either.
    private static final String LOOPBACK = "127.0.0.1";
    /// The word of [dev.hostal.model.Nic#options] that has addresses of RFC 3927 and RFC 4291.
    private static final String LINK_LOCAL = "link-local";

    /// The NICs of a machine, in their order. None for `none`.
    List<MachineNic> machineNics(InstanceId id, List<PluggedNic> nics) {
        var all = new ArrayList<MachineNic>();
        boolean way = true;
        for (var nic : nics) {
            var name = "eth" + nic.index();
            switch (nic.kind()) {
                case NAT, ISOLATED -> {
                    var spec = networks.get(nic.network()).spec();
                    all.add(ofBridge(id, nic, spec, name, way && nic.kind() == NetworkKind.NAT));
                    if (nic.kind() == NetworkKind.NAT) way = false;
                }
                case BRIDGED -> {
                    all.add(ofParent(id, nic, networks.get(nic.network()).spec(), name, way));
                    if (nic.ipv4().isPresent()) way = false;
                }
                case USER -> all.add(meets(nic) ? MachineNic.switched(names.orElseThrow().nic(id, nic.index()), name, nic.mac(),
                        nic.ipv4().orElseThrow(), nic.network()) : MachineNic.user(name, nic.mac()));
                case HOST -> all.add(new MachineNic(new MachineNic.Way.Host(), "", nic.mac(), MachineNic.MTU, List.of(),
                        List.of(), List.of(), List.of()));
                case JOINED -> all.add(new MachineNic(new MachineNic.Way.Joined(new InstanceId(
                        nic.network().substring(NetworkSpec.JOINED.length()))), "", nic.mac(), MachineNic.MTU,
                        List.of(), List.of(), List.of(), List.of()));
                case NONE -> { /* Loopback is always there. */ }
            }
        }
        return all;
    }

    /// One from before they met has no address.
    private boolean meets(PluggedNic nic) {
        return switched && nic.kind() == NetworkKind.USER && nic.ipv4().isPresent();
    }

    /// Its addresses are those that were given; without a subnet of its network's it asks the network that it is in.
    private MachineNic ofParent(InstanceId id, PluggedNic nic, NetworkSpec spec, String name, boolean way) {
        var addresses = new ArrayList<String>();
        var gateways = new ArrayList<String>();
        spec.ipv4().ifPresent(subnet -> nic.ipv4().ifPresent(address -> {
            addresses.add(address + "/" + subnet.prefix());
            gateways.add(spec.gateway4().orElseThrow());
        }));
        spec.ipv6().ifPresent(subnet -> nic.ipv6().ifPresent(address -> {
            addresses.add(address + "/" + subnet.prefix());
            gateways.add(spec.gateway6().orElseThrow());
        }));
        return new MachineNic(new MachineNic.Way.Parent(spec.parent().orElseThrow(), names.orElseThrow().shared(id, nic.index())),
                name, nic.mac(), mtu(spec), addresses, way ? gateways : List.of(), List.of(), List.of());
    }

    /// @param way the default routes lead through it; those of the first such NIC do
    private MachineNic ofBridge(InstanceId id, PluggedNic nic, NetworkSpec spec, String name, boolean way) {
        var link = names.orElseThrow();
        var four = spec.ipv4().orElseThrow();
        var six = spec.ipv6().orElseThrow();
        var addresses = new ArrayList<String>();
        nic.ipv4().ifPresent(address -> addresses.add(address + "/" + four.prefix()));
        nic.ipv6().ifPresent(address -> addresses.add(address + "/" + six.prefix()));
        for (var address : nic.wanted().options().getOrDefault(LINK_LOCAL, "").split(",")) {
            if (!address.isEmpty()) addresses.add(address + (address.contains(":") ? "/64" : "/16"));
        }
        return new MachineNic(new MachineNic.Way.Bridge(link.bridge(spec.name()), link.nic(id, nic.index()),
                spec.isolatedPorts()), name, nic.mac(), mtu(spec), addresses,
                way ? List.of(spec.gateway4().orElseThrow(), spec.gateway6().orElseThrow()) : List.of(),
                List.of(spec.gateway4().orElseThrow()), List.of(spec.name()));
    }

    /// @param wanted names of the networks that are to be on the host
    /// @param plugged who runs, with its name
    NetworkPlan plan(Set<String> wanted, Map<InstanceId, String> plugged, NicTable nics, PortTable ports,
            GroupTable groups) {
        if (names.isEmpty()) return NetworkPlan.NOTHING;
        var nets = new TreeSet<>(wanted).stream().map(name -> networks.get(name).spec())
                .filter(spec -> spec.kind().hasBridge()).map(this::net).toList();
        var plugs = new ArrayList<NetworkPlan.Plug>();
        var forwards = new ArrayList<NetworkPlan.Forward>();
        boolean user = false;
        for (var one : nics.sorted().entrySet()) {
            var id = new InstanceId(one.getKey());
            var name = plugged.get(id);
            if (name == null) continue;
            for (var nic : one.getValue()) {
                user |= nic.kind() == NetworkKind.USER;
                if (nic.kind().hasBridge() || meets(nic)) plugs.add(new NetworkPlan.Plug(names.get()
                        .nic(id, nic.index()), nic.network(), nic.mac(), nic.ipv4(), nic.ipv6(),
                        names(id, name, nic, plugged, nics), nic.wanted().groups(), Shape.of(nic.wanted().options())));
            }
            one.getValue().stream().filter(nic -> nic.kind().hasBridge()).findFirst().ifPresent(nic ->
                    ports.of(id).forEach(port -> forwards.addAll(forwards(port, nic))));
        }
        var running = new TreeMap<InstanceId, List<PluggedNic>>(Comparator.comparing(InstanceId::value));
        plugged.keySet().forEach(id -> running.put(id, nics.of(id).stream().filter(nic -> nic.kind().hasBridge()).toList()));
        var planned = groups.plan(running);
        return new NetworkPlan(nets, plugs, forwards, user, planned.groups(), planned.peers());
    }

    /// All its names in one network: also those that others there have given it by a link. A link's name is known in the
    /// whole network, because a network has one name server.
    private static List<String> names(InstanceId id, String name, PluggedNic nic, Map<InstanceId, String> plugged,
            NicTable nics) {
        var names = new ArrayList<>(NicTable.names(name, nic));
        for (var other : plugged.keySet()) {
            nics.of(other).stream().filter(one -> one.network().equals(nic.network()))
                    .flatMap(one -> Link.of(one.wanted()).stream())
                    .filter(link -> new InstanceName(link.instance()).hostname().equals(name) || id.value()
                            .startsWith(link.instance()))
                    .map(Link::alias).filter(alias -> !names.contains(alias)).forEach(names::add);
        }
        return names;
    }

    private NetworkPlan.Net net(NetworkSpec spec) {
        return new NetworkPlan.Net(spec.name(), names.orElseThrow().bridge(spec.name()), spec.kind(), mtu(spec),
                spec.ipv4().orElseThrow(), spec.ipv6().orElseThrow(), spec.isolatedPorts(), spec.gateway4().orElseThrow(),
                spec.gateway6().orElseThrow());
    }

    private static List<NetworkPlan.Forward> forwards(Publication port, PluggedNic nic) {
        var forwards = new ArrayList<NetworkPlan.Forward>();
        if (!port.hostAddress().contains(":")) nic.ipv4().ifPresent(guest -> forwards.add(forward(port, port.hostAddress(),
                guest)));
        var six = switch (port.hostAddress()) {
            case LOOPBACK -> "::1";
            case "0.0.0.0" -> "::";
            default -> port.hostAddress();
        };
        if (six.contains(":")) nic.ipv6().ifPresent(guest -> forwards.add(forward(port, six, guest)));
        return forwards;
    }

    private static NetworkPlan.Forward forward(Publication port, String host, String guest) {
        return new NetworkPlan.Forward(host, port.hostPort(), guest, port.guestPort(), port.count(), port.protocol());
    }

    private static int mtu(NetworkSpec spec) {
        return spec.mtu() == 0 ? MachineNic.MTU : spec.mtu();
    }
}
