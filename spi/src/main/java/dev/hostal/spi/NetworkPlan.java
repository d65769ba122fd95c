package dev.hostal.spi;

import dev.hostal.model.NetworkKind;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import java.util.List;
import java.util.Optional;

/// Everything that is to be on the host for networks, as a whole.
///
/// @param guardsLoopback QEMU's user networking is used by machines of a user of their own: they shall not reach
/// what listens on the host's loopback
/// @param groups security groups, whether a NIC is in them or not
/// @param peers whom their rules are about
public record NetworkPlan(List<Net> networks, List<Plug> plugs, List<Forward> forwards, boolean guardsLoopback,
        List<Group> groups, List<Peers> peers) {
    public static final NetworkPlan NOTHING = new NetworkPlan(List.of(), List.of(), List.of(), false);

    /// One without security groups.
    public NetworkPlan(List<Net> networks, List<Plug> plugs, List<Forward> forwards, boolean guardsLoopback) {
        this(networks, plugs, forwards, guardsLoopback, List.of(), List.of());
    }

    /// A network with a bridge.
    ///
    /// @param gateway4 the host's own address in it
    /// @param gateway6 the same of IPv6
    public record Net(String name, String bridge, NetworkKind kind, int mtu, Subnet ipv4, Subnet ipv6,
            boolean isolatedPorts, String gateway4, String gateway6) {
        /// One in which the host has the first addresses.
        public Net(String name, String bridge, NetworkKind kind, int mtu, Subnet ipv4, Subnet ipv6, boolean isolatedPorts) {
            this(name, bridge, kind, mtu, ipv4, ipv6, isolatedPorts, ipv4.at(1), ipv6.at(1));
        }

        /// The last part of names in it.
        public String domain() {
            return name;
        }
    }

    /// A NIC at a bridge.
    ///
    /// @param device the host's side of it
    /// @param names of its instance, without the domain
    /// @param groups names of security groups
    public record Plug(String device, String network, String mac, Optional<String> ipv4, Optional<String> ipv6,
            List<String> names, List<String> groups, Shape shape) {
        public Plug {
            names = List.copyOf(names);
            groups = List.copyOf(groups);
        }

        /// One without security groups, that carries what it can.
        public Plug(String device, String network, String mac, Optional<String> ipv4, Optional<String> ipv6,
                List<String> names) {
            this(device, network, mac, ipv4, ipv6, names, List.of(), Shape.NONE);
        }
    }

    /// A security group.
    ///
    /// @param allowsIn what no rule names
    /// @param allowsOut what no rule names
    public record Group(String name, boolean allowsIn, boolean allowsOut, List<Rule> rules) {
        public Group {
            rules = List.copyOf(rules);
        }
    }

    /// A rule of a security group.
    ///
    /// @param id within the group
    /// @param protocol `any`, `tcp`, `udp` or `icmp`
    /// @param firstPort 0: every port
    /// @param peer empty: anyone; a subnet; or the name of [Peers]
    public record Rule(int id, boolean allow, boolean in, String protocol, int firstPort, int lastPort, String peer) {}

    /// Addresses of NICs.
    ///
    /// @param name begins with [#PREFIX]
    public record Peers(String name, List<String> ipv4, List<String> ipv6) {
        public static final String PREFIX = "peers";

        public Peers {
            ipv4 = List.copyOf(ipv4);
            ipv6 = List.copyOf(ipv6);
        }
    }

    /// Ports of the host that lead to those of a guest.
    ///
    /// @param hostAddress `0.0.0.0` or `::`: every address
    public record Forward(String hostAddress, int hostPort, String guestAddress, int guestPort, int count,
            String protocol) {}

    public NetworkPlan {
        networks = List.copyOf(networks);
        plugs = List.copyOf(plugs);
        forwards = List.copyOf(forwards);
        groups = List.copyOf(groups);
        peers = List.copyOf(peers);
    }

    public boolean isEmpty() {
        return networks.isEmpty() && plugs.isEmpty() && forwards.isEmpty() && !guardsLoopback;
    }
}
