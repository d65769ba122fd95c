package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.InstanceId;
import java.util.List;

/// A NIC of a machine, with everything that its driver and its guest must know.
///
/// @param name in a container, such as `eth0`; the number at its end is the NIC's place in the machine
/// @param addresses with their prefix length; none: the guest asks for them
public record MachineNic(Way way, String name, String mac, int mtu, List<String> addresses, List<String> gateways,
        List<String> dns, List<String> search) {
    /// Usual size of packets. Source: Ethernet, RFC 894.
    public static final int MTU = 1500;

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
        record User() implements Way {}

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
        return new MachineNic(new Way.User(), name, mac, MTU, List.of("10.0.2.15/24"), List.of("10.0.2.2"),
                List.of("10.0.2.3"), List.of());
    }
}
