package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.InstanceName;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.Subnet;
import dev.hostal.spi.MachineNic;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/// Which addresses of one network are given: those that are asked for, where they are free, or the next that are. Pure.
///
/// @param plugged what NICs in it have
/// @param kept what is kept for others, and for whom
/// @param member of the request that is wrong where an address is
record AddressChoice(String network, Set<String> plugged, Map<String, InstanceName> kept, String member) {
    /// @param next the place of an address that was not asked for
    record Chosen(Optional<String> ipv4, Optional<String> ipv6, Optional<Long> next) {}

    AddressChoice {
        plugged = Set.copyOf(plugged);
        kept = Map.copyOf(kept);
    }

    /// @param after the place that was given last
    /// @throws Problem IN_USE, BAD_REQUEST, BUSY
    Chosen within(NetworkSpec spec, Nic asked, long after) {
        var four = asked.ipv4().map(address -> fixed(spec, spec.ipv4().orElseThrow(), spec.gateway4(), address));
        var six = asked.ipv6().map(address -> fixed(spec, spec.ipv6().orElseThrow(), spec.gateway6(), address));
        if (four.isPresent() && six.isPresent()) return new Chosen(four, six, Optional.empty());
        var next = four.isPresent() ? Optional.<Long>empty() : Optional.of(Addresses.next(spec, taken(), after).orElseThrow(
                () -> new Problem(ErrorCode.BUSY, "Network %s has no free address.\nMaybe make one with a larger subnet."
                        .formatted(network))));
        long place = next.orElseGet(() -> placeOf(spec, four.orElseThrow()));
        return new Chosen(four.or(() -> Optional.of(spec.ipv4().orElseThrow().at(place))),
                six.or(() -> spec.ipv6().map(subnet -> subnet.at(place))), next);
    }

    /// In the subnet that QEMU's user networking has for every guest.
    ///
    /// @throws Problem IN_USE, BAD_REQUEST, BUSY, UNSUPPORTED
    Chosen withinUser(Nic asked) {
        if (asked.ipv6().isPresent()) throw new Problem(ErrorCode.UNSUPPORTED,
                "Without root the machines of a network meet by IPv4; an IPv6 address cannot be given.");
        var subnet = MachineNic.USER_SUBNET;
        long last = subnet.size().longValueExact() - 2;
        var used = taken();
        var address = asked.ipv4().map(this::fixedUser).or(() -> LongStream.rangeClosed(MachineNic.USER_FIRST, last)
                .mapToObj(subnet::at).filter(one -> !used.contains(one)).findFirst());
        if (address.isEmpty()) throw new Problem(ErrorCode.BUSY,
                "Network %s has no free address.\nMaybe make another one (network create --kind user).".formatted(network));
        return new Chosen(address, Optional.empty(), Optional.empty());
    }

    /// @throws Problem IN_USE, BAD_REQUEST
    String mac(String text) {
        var mac = macOf(text, member);
        requireNotKept(mac);
        if (plugged.contains(mac)) throw new Problem(ErrorCode.IN_USE,
                "Another NIC of network %s has the MAC address %s.".formatted(network, mac));
        return mac;
    }

    /// @throws Problem BAD_REQUEST
    static String macOf(String text, String member) {
        var mac = text.toLowerCase(Locale.ROOT).replace('-', ':');
        if (!mac.matches("[0-9a-f][02468ace](:[0-9a-f]{2}){5}")) throw Problem.badMember(member,
                "'%s' is not the MAC address of one NIC, such as 52:54:00:12:34:56.".formatted(text));
        return mac;
    }

    private Set<String> taken() {
        var taken = new HashSet<>(plugged);
        taken.addAll(kept.keySet());
        return taken;
    }

    /// An IPv6 address at the same place as the IPv4 address, where that is free.
    private long placeOf(NetworkSpec spec, String four) {
        long place = Subnet.number(four).subtract(spec.ipv4().orElseThrow().base()).longValueExact();
        return spec.ipv6().isPresent() && taken().contains(Addresses.six(spec, place))
                ? place + spec.ipv4().orElseThrow().size().longValueExact() : place;
    }

    private String fixed(NetworkSpec spec, Subnet subnet, Optional<String> gateway, String text) {
        if (!Subnet.isAddress(text) || !subnet.contains(text)) throw Problem.badMember(member,
                "'%s' is not an address of %s, the subnet of network %s.".formatted(text, subnet, network));
        var address = Subnet.canonical(text);
        if (address.equals(subnet.at(0)) || gateway.equals(Optional.of(address)) || address.equals(subnet.last())) {
            throw Problem.badMember(member, "%s is network %s's own address.".formatted(address, network));
        }
        return requireFree(address);
    }

    private String fixedUser(String text) {
        var subnet = MachineNic.USER_SUBNET;
        if (!Subnet.isAddress(text) || !subnet.contains(text)
                || Subnet.number(text).subtract(subnet.base()).longValueExact() < MachineNic.USER_FIRST
                || Subnet.canonical(text).equals(subnet.last())) throw Problem.badMember(member,
                "'%s' is not an address for a guest in %s: %s to %s.".formatted(text, subnet, subnet.at(MachineNic.USER_FIRST),
                        subnet.at(subnet.size().longValueExact() - 2)));
        return requireFree(Subnet.canonical(text));
    }

    private String requireFree(String address) {
        requireNotKept(address);
        if (plugged.contains(address)) throw new Problem(ErrorCode.IN_USE,
                "Another instance has the address %s in network %s.".formatted(address, network));
        return address;
    }

    private void requireNotKept(String address) {
        var whose = kept.get(address);
        if (whose != null) throw new Problem(ErrorCode.IN_USE,
                "Network %s keeps the address %s for the instance %s.".formatted(network, address, whose));
    }
}
