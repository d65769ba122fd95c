package dev.hostal.spi;

import dev.hostal.model.NetworkKind;
import dev.hostal.model.Subnet;
import java.util.List;
import java.util.Optional;

/// Everything that is to be on the host for networks, as a whole.
///
/// @param guardsLoopback QEMU's user networking is used by machines of a user of their own: they shall not reach
/// what listens on the host's loopback
public record NetworkPlan(List<Net> networks, List<Plug> plugs, List<Forward> forwards, boolean guardsLoopback) {
    public static final NetworkPlan NOTHING = new NetworkPlan(List.of(), List.of(), List.of(), false);

    /// A network with a bridge.
    ///
    /// @param domain the last part of names in it
    public record Net(String name, String bridge, NetworkKind kind, int mtu, Subnet ipv4, Subnet ipv6,
            boolean isolatedPorts) {
        /// The host's own address in it.
        public String gateway4() {
            return ipv4.at(1);
        }

        public String gateway6() {
            return ipv6.at(1);
        }

        public String domain() {
            return name;
        }
    }

    /// A NIC at a bridge.
    ///
    /// @param device the host's side of it
    /// @param names of its instance, without the domain
    public record Plug(String device, String network, String mac, Optional<String> ipv4, Optional<String> ipv6,
            List<String> names) {
        public Plug {
            names = List.copyOf(names);
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
    }

    public boolean isEmpty() {
        return networks.isEmpty() && plugs.isEmpty() && forwards.isEmpty() && !guardsLoopback;
    }
}
