package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

import java.util.List;

/// What is said of networks on the wire of `/v1`.
final class NetworkSchemas {
    static final Schema NETWORK = Schema.of("Network", "What connects instances.",
            has("name", "string", "Unique on its node; the last part of names in it."),
            has("kind", "string", "`nat`, `isolated`, `bridged` or `user`."),
            may("ipv4", "string", "Its IPv4 subnet."),
            may("ipv6", "string", "Its IPv6 subnet."),
            may("gateway4", "string", "The host's address in it."),
            may("gateway6", "string", "The host's address in it."),
            may("range", "string", "Where addresses are chosen."),
            may("parent", "string", "Interface of the host, of a bridged one."),
            has("device", "string", "Its bridge, or interface, on the host."),
            has("mtu", "integer", "Largest packet."),
            has("isolatedPorts", "boolean", "Its guests reach the gateway, and not each other."),
            has("nics", "integer", "How many NICs are in it."),
            has("reservations", "Reservation[]", "By name."),
            has("labels", "string{}", ""),
            has("createdAt", "string", "RFC 3339, in UTC."));
    static final Schema NETWORKS = Schema.of("Networks", "", has("networks", "Network[]", ""));

    static final Schema CREATE_NETWORK = Schema.of("CreateNetwork", "What is wanted of a new network.",
            has("name", "string", "1 to 40 small letters, digits and `-`."),
            may("kind", "string", "`nat` (the default), `isolated` or `bridged`; where the daemon is not root, `user`."),
            may("ipv4", "string", "Such as `10.1.2.0/24`; one is chosen where it is missing."),
            may("ipv6", "string", "Such as `fd00:1::/64`; one is chosen where it is missing."),
            may("gateway4", "string", "The host's address in `ipv4`, or a bridged one's router; the first where it is missing."),
            may("gateway6", "string", "The same in `ipv6`."),
            may("range", "string", "Part of `ipv4` in which addresses are chosen."),
            may("parent", "string", "Interface of the host, of a bridged one."),
            may("mtu", "integer", "That of the host's way out where it is missing."),
            may("isolatedPorts", "boolean", "Its guests reach the gateway, and not each other."),
            may("labels", "string{}", ""));

    static final Schema RESERVE = Schema.of("Reserve", "What is to be kept; what is missing stays as it is, or is chosen.",
            may("mac", "string", "Of the NIC; without one each instance has its own."),
            may("ipv4", "string", "In the subnet of the network."),
            may("ipv6", "string", "In the subnet of the network."));
    static final Schema RESERVATION = Schema.of("Reservation", "Addresses that are kept for instances of one name.",
            has("name", "string", "Of the instance, whether there is one or not."),
            may("mac", "string", ""),
            may("ipv4", "string", ""),
            may("ipv6", "string", ""));

    static final Schema PLUGGED_NIC = Schema.of("PluggedNic", "A NIC of an instance, with what was chosen for it.",
            has("network", "string", "Name of its network, or `user`, `host`, `none`."),
            has("kind", "string", "Of the network."),
            has("mac", "string", ""),
            may("ipv4", "string", ""),
            may("ipv6", "string", ""),
            has("aliases", "string[]", "Further names of the instance."),
            has("groups", "string[]", "Its security groups."),
            may("received", "integer", "Bytes, as the guest sees it, while it is there."),
            may("sent", "integer", ""),
            may("packetsReceived", "integer", ""),
            may("packetsSent", "integer", ""),
            may("dropped", "integer", "Packets, both ways."));
    static final Schema NICS = Schema.of("Nics", "", has("nics", "PluggedNic[]", ""));

    static final Schema PORT = Schema.of("Port", "Ports of the host that lead to those of a guest.",
            has("id", "string", ""),
            has("instance", "string", "Id of the instance."),
            has("name", "string", "Its name."),
            has("hostAddress", "string", "`127.0.0.1`: loopback of both families; `0.0.0.0`: every address."),
            has("hostPort", "integer", ""),
            has("guestPort", "integer", ""),
            has("count", "integer", "How many ports follow each other, both ways."),
            has("protocol", "string", "`tcp` or `udp`."));
    static final Schema PORTS = Schema.of("Ports", "", has("ports", "Port[]", ""));

    static final List<Schema> ALL = List.of(NETWORK, NETWORKS, CREATE_NETWORK, RESERVE, RESERVATION, PLUGGED_NIC, NICS,
            PORT, PORTS);

    private NetworkSchemas() {}
}
