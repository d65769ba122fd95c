package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.InstanceId;
import dev.hostal.model.Subnet;
import java.util.List;
import java.util.Optional;

/// A NIC of a machine, with everything that its driver and its guest must know.
///
/// @param name in a container, such as `eth0`; the number at its end is the NIC's place in the machine
/// @param addresses with their prefix length; none: the guest asks for them
public record MachineNic(Way way, String name, String mac, int mtu, List<String> addresses, List<String> gateways,
        List<String> dns, List<String> search) {
    /// Usual size of packets. Source: Ethernet, RFC 894.
    public static final int MTU = 1500;
    /// That of QEMU's user networking. Source: QEMU documentation, `-netdev user`.
    public static final Subnet USER_SUBNET = Subnet.parse("10.0.2.0/24");
    /// The first address in it that is a guest's. Source: the same, `dhcpstart`.
    public static final int USER_FIRST = 15;

    /// What the NIC is connected to.
    public sealed interface Way {
        /// A port of a bridge that is there.
        ///
        /// @param device the host's side, made by the driver of the machine
        /// @param isolated it reaches no other port of the bridge that is isolated
        record Bridge(String bridge, String device, boolean isolated) implements Way {}

        /// An interface of the host that the NIC shares.
        record Parent(String parent, String device) implements Way {}

        /// QEMU's user networking.
        ///
        /// @param port where others of its network are met, see [SwitchPlaces]; empty: it is alone
        record User(Optional<String> port) implements Way {}

        /// The host's own network, with no NIC.
        record Host() implements Way {}

        /// The network of another container that runs, with no NIC of its own.
        record Joined(InstanceId container) implements Way {}
    }

    public MachineNic {
        require(mac.matches("[0-9a-f]{2}(:[0-9a-f]{2}){5}"), "'%s' is not a MAC address in lower case", mac);
        addresses = List.copyOf(addresses);
        gateways = List.copyOf(gateways);
        dns = List.copyOf(dns);
        search = List.copyOf(search);
    }

    /// Its place among the machine's NICs, which it keeps when others go.
    public int place() {
        return Integer.parseInt(name.replaceFirst("^\\D*", ""));
    }

    /// One in QEMU's user networking, with what that hands out. Source: QEMU documentation, `-netdev user`.
    public static MachineNic user(String name, String mac) {
        return new MachineNic(new Way.User(Optional.empty()), name, mac, MTU, List.of("10.0.2.15/24"), List.of("10.0.2.2"),
                List.of("10.0.2.3"), List.of());
    }

    /// One in QEMU's user networking that meets the others of its network.
    ///
    /// @param address in [#USER_SUBNET]
    public static MachineNic switched(String port, String name, String mac, String address, String network) {
        return new MachineNic(new Way.User(Optional.of(port)), name, mac, MTU, List.of(address + "/" + USER_SUBNET.prefix()),
                List.of("10.0.2.2"), List.of("10.0.2.3"), List.of(network));
    }
}
