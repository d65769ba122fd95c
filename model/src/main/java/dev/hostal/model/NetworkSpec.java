package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What is wanted of a network.
///
/// @param ipv4 empty: chosen
/// @param ipv6 empty: chosen, a unique local one
/// @param range part of `ipv4` from which addresses are given; others may be asked for
/// @param parent interface of the host, of a bridged network
/// @param mtu 0: that of the host's way out
/// @param isolatedPorts its guests reach the gateway, and not each other
/// @param gateways addresses of the host in it (of a bridged one: of its router) that are not their subnet's first
public record NetworkSpec(
        String name,
        NetworkKind kind,
        Optional<Subnet> ipv4,
        Optional<Subnet> ipv6,
        Optional<Subnet> range,
        Optional<String> parent,
        int mtu,
        boolean isolatedPorts,
        Map<String, String> labels,
        List<String> gateways) {
    /// The network of instances that name none, where the daemon is root.
    public static final String DEFAULT = "default";
    /// Words that stand for a kind where a network's name is asked for.
    public static final Set<String> RESERVED = Set.of("none", "host", "user");
    /// Before the name or id of a container whose network (or other namespace) is meant.
    public static final String JOINED = "container:";
    /// Longest name. Chosen: it is a domain of names.
    public static final int NAME_MAX = 40;
    /// Source: IPv6 needs 1280, RFC 8200; no interface of Linux has more than 65535.
    public static final int MTU_MIN = 1280;
    public static final int MTU_MAX = 65_535;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?");

    public NetworkSpec {
        require(isName(name), "'%s' is not the name of a network: 1 to %d letters, digits, '_', '.' and '-', "
                + "beginning and ending with a letter or digit", name, NAME_MAX);
        require(!RESERVED.contains(name), "'%s' stands for a kind of network and cannot be a name", name);
        require(mtu == 0 || mtu >= MTU_MIN && mtu <= MTU_MAX, "MTU %d not in %d..%d", mtu, MTU_MIN, MTU_MAX);
        ipv4.ifPresent(subnet -> require(!subnet.isV6() && subnet.prefix() >= 8 && subnet.prefix() <= 29,
                "%s is not an IPv4 subnet of /8 to /29", subnet));
        ipv6.ifPresent(subnet -> require(subnet.isV6() && subnet.prefix() >= 48 && subnet.prefix() <= 112,
                "%s is not an IPv6 subnet of /48 to /112", subnet));
        var outer = ipv4;
        range.ifPresent(part -> require(outer.isPresent() && outer.get().overlaps(part)
                && part.prefix() >= outer.get().prefix(), "the range %s is not within the network's IPv4 subnet", part));
        parent.ifPresent(device -> require(device.matches("[^/\\s]{1,15}"), "'%s' is no interface's name", device));
        require((kind == NetworkKind.BRIDGED) == parent.isPresent(),
                "a bridged network, and no other, names an interface of the host");
        require(kind != NetworkKind.USER || ipv4.isEmpty() && ipv6.isEmpty() && range.isEmpty() && mtu == 0 && !isolatedPorts,
                "a network of kind user has the subnet of QEMU's user networking, and nothing of it can be chosen");
        labels = Map.copyOf(labels);
        gateways = gateways.stream().map(Subnet::canonical).toList();
        require(gateways.stream().map(address -> address.contains(":")).distinct().count() == gateways.size(),
                "a network has one gateway of each family");
        for (var address : gateways) {
            var subnet = address.contains(":") ? ipv6 : ipv4;
            require(subnet.isPresent(), "the gateway %s needs a subnet of its family that is given, too", address);
            require(subnet.get().contains(address) && !address.equals(subnet.get().at(0))
                    && (address.contains(":") || !address.equals(subnet.get().last())),
                    "the gateway %s is not an address for a host in %s", address, subnet.get());
        }
    }

    /// One whose gateways have the first addresses.
    public NetworkSpec(String name, NetworkKind kind, Optional<Subnet> ipv4, Optional<Subnet> ipv6, Optional<Subnet> range,
            Optional<String> parent, int mtu, boolean isolatedPorts, Map<String, String> labels) {
        this(name, kind, ipv4, ipv6, range, parent, mtu, isolatedPorts, labels, List.of());
    }

    /// Of IPv4; empty where the network has no such subnet.
    public Optional<String> gateway4() {
        return ipv4.map(subnet -> gateway(subnet));
    }

    /// Of IPv6; empty where the network has no such subnet.
    public Optional<String> gateway6() {
        return ipv6.map(subnet -> gateway(subnet));
    }

    private String gateway(Subnet subnet) {
        return gateways.stream().filter(subnet::contains).findFirst().orElseGet(() -> subnet.at(1));
    }

    /// Whether that stands for a kind of network where a name is asked for.
    public static boolean isKind(String word) {
        return RESERVED.contains(word) || word.startsWith(JOINED);
    }

    public static boolean isName(String text) {
        return text.length() <= NAME_MAX && NAME.matcher(text).matches();
    }

    /// The same with subnets.
    public NetworkSpec with(Subnet four, Subnet six, int otherMtu) {
        return new NetworkSpec(name, kind, Optional.of(four), Optional.of(six), range, parent, otherMtu, isolatedPorts,
                labels, gateways);
    }
}
