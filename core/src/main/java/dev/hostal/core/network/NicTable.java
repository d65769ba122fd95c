package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Kind;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Subnet;
import dev.hostal.spi.MachineNic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;

/// The NICs of all instances and the addresses that they were given. Not safe for several threads: its owner is.
final class NicTable {
    private final Map<InstanceId, List<PluggedNic>> nics = new HashMap<>();
    /// Place of the address that was given last, so that one that was just given back is not given to another at once.
    private final Map<String, Long> cursors = new HashMap<>();
    /// Whether NICs in user networking meet others, and so have addresses of their own.
    private final boolean switched;

    /// @param switched NICs in user networking meet others
    NicTable(boolean switched) {
        this.switched = switched;
    }

    void put(InstanceId instance, List<PluggedNic> all) {
        nics.put(instance, List.copyOf(all));
    }

    void remove(InstanceId instance) {
        nics.remove(instance);
    }

    boolean has(InstanceId instance) {
        return nics.containsKey(instance);
    }

    List<PluggedNic> of(InstanceId instance) {
        return nics.getOrDefault(instance, List.of());
    }

    Map<InstanceId, List<PluggedNic>> all() {
        return nics;
    }

    /// Who has NICs in a network.
    List<InstanceId> usersOf(String network) {
        return nics.entrySet().stream().filter(one -> one.getValue().stream().anyMatch(nic -> nic.network().equals(network)))
                .map(Map.Entry::getKey).toList();
    }

    /// The place of one more NIC: that which it asks for, or the first that is free.
    ///
    /// @throws Problem BAD_REQUEST, IN_USE
    static int place(List<PluggedNic> others, Nic wanted) {
        var taken = others.stream().filter(nic -> nic.kind() != NetworkKind.NONE).map(PluggedNic::index).toList();
        var asked = wanted.options().get(Nic.PLACE);
        if (asked == null) {
            int place = 0;
            while (taken.contains(place)) place++;
            return place;
        }
        if (!asked.matches("[0-9]{1,2}") || Integer.parseInt(asked) >= Nic.PLACES) throw Problem.badMember("nics",
                "'%s' is not a NIC's place: 0 to %d.".formatted(asked, Nic.PLACES - 1));
        if (taken.contains(Integer.parseInt(asked))) throw new Problem(ErrorCode.IN_USE,
                "The instance has a NIC at place %s already.".formatted(asked));
        return Integer.parseInt(asked);
    }

    /// Chooses what a NIC leaves open.
    ///
    /// @param identity of whom its MAC address is made
    /// @param network empty where its name stands for a kind
    /// @throws Problem IN_USE, BAD_REQUEST, BUSY
    PluggedNic choose(InstanceId identity, Kind kind, int index, Nic wanted, Optional<NetworkRecord> network) {
        var what = network.map(record -> record.spec().kind()).orElseGet(() -> kindOf(wanted.network()));
        boolean meets = switched && what == NetworkKind.USER;
        check(kind, what, wanted, meets || network.isPresent() && network.get().spec().ipv4().isPresent());
        var mac = wanted.mac().map(NicTable::mac).orElse(Addresses.mac(identity, index));
        if (meets) return chooseUser(index, wanted, mac);
        if (network.isEmpty() || network.get().spec().ipv4().isEmpty()) {
            return new PluggedNic(index, wanted.network(), what, mac, wanted.ipv4(), wanted.ipv6(), wanted);
        }
        var spec = network.get().spec();
        var used = used(spec.name());
        if (wanted.mac().isPresent() && used.contains(mac)) throw new Problem(ErrorCode.IN_USE,
                "Another NIC of network %s has the MAC address %s.".formatted(spec.name(), mac));
        var four = wanted.ipv4().map(address -> fixed(spec, spec.ipv4().orElseThrow(), spec.gateway4(), address, used));
        var six = wanted.ipv6().map(address -> fixed(spec, spec.ipv6().orElseThrow(), spec.gateway6(), address, used));
        if (four.isPresent() && six.isPresent()) {
            return new PluggedNic(index, spec.name(), what, mac, four, six, wanted);
        }
        long place = four.isPresent() ? placeOf(spec, four.get(), used)
                : Addresses.next(spec, used, cursors.getOrDefault(spec.name(), 1L)).orElseThrow(() -> new Problem(
                        ErrorCode.BUSY, "Network %s has no free address.\nMaybe make one with a larger subnet."
                                .formatted(spec.name())));
        if (four.isEmpty()) cursors.put(spec.name(), place);
        return new PluggedNic(index, spec.name(), what, mac,
                Optional.of(four.orElseGet(() -> spec.ipv4().orElseThrow().at(place))),
                six.or(() -> spec.ipv6().map(subnet -> subnet.at(place))), wanted);
    }

    /// In the subnet that QEMU's user networking has for every guest.
    private PluggedNic chooseUser(int index, Nic wanted, String mac) {
        if (wanted.ipv6().isPresent()) throw new Problem(ErrorCode.UNSUPPORTED,
                "Without root the machines of a network meet by IPv4; an IPv6 address cannot be given.");
        var used = used(wanted.network());
        if (used.contains(mac)) throw new Problem(ErrorCode.IN_USE,
                "Another NIC of network %s has the MAC address %s.".formatted(wanted.network(), mac));
        var subnet = MachineNic.USER_SUBNET;
        long last = subnet.size().longValueExact() - 2;
        var address = wanted.ipv4().map(given -> fixedUser(wanted.network(), given, used)).or(() ->
                LongStream.rangeClosed(MachineNic.USER_FIRST, last).mapToObj(subnet::at).filter(one -> !used.contains(one)).findFirst());
        return new PluggedNic(index, wanted.network(), NetworkKind.USER, mac, Optional.of(address.orElseThrow(() -> new Problem(
                ErrorCode.BUSY, "Network %s has no free address.\nMaybe make another one (network create --kind user)."
                        .formatted(wanted.network())))), Optional.empty(), wanted);
    }

    private static String fixedUser(String network, String text, Set<String> used) {
        var subnet = MachineNic.USER_SUBNET;
        if (!Subnet.isAddress(text) || !subnet.contains(text)
                || Subnet.number(text).subtract(subnet.base()).longValueExact() < MachineNic.USER_FIRST
                || Subnet.canonical(text).equals(subnet.last())) throw Problem.badMember("nics",
                "'%s' is not an address for a guest in %s: %s to %s.".formatted(text, subnet, subnet.at(MachineNic.USER_FIRST),
                        subnet.at(subnet.size().longValueExact() - 2)));
        if (used.contains(Subnet.canonical(text))) throw new Problem(ErrorCode.IN_USE,
                "Another instance has the address %s in network %s.".formatted(text, network));
        return Subnet.canonical(text);
    }

    /// An IPv6 address at the same place as the IPv4 address, where that is free.
    private long placeOf(NetworkSpec spec, String four, Set<String> used) {
        long place = Subnet.number(four).subtract(spec.ipv4().orElseThrow().base()).longValueExact();
        return spec.ipv6().isPresent() && used.contains(Addresses.six(spec, place)) ? place + spec.ipv4().orElseThrow().size().longValueExact()
                : place;
    }

    private Set<String> used(String network) {
        var used = new HashSet<String>();
        nics.values().forEach(all -> all.stream().filter(nic -> nic.network().equals(network)).forEach(nic -> {
            used.add(nic.mac());
            used.addAll(nic.addresses());
        }));
        return used;
    }

    private static String fixed(NetworkSpec spec, Subnet subnet, Optional<String> gateway, String text, Set<String> used) {
        if (!Subnet.isAddress(text) || !subnet.contains(text)) throw Problem.badMember("nics",
                "'%s' is not an address of %s, the subnet of network %s.".formatted(text, subnet, spec.name()));
        var address = Subnet.canonical(text);
        if (address.equals(subnet.at(0)) || gateway.equals(Optional.of(address)) || address.equals(subnet.last())) {
            throw Problem.badMember("nics", "%s is network %s's own address.".formatted(address, spec.name()));
        }
        if (used.contains(address)) throw new Problem(ErrorCode.IN_USE,
                "Another instance has the address %s in network %s.".formatted(address, spec.name()));
        return address;
    }

    private static String mac(String text) {
        var mac = text.toLowerCase(java.util.Locale.ROOT).replace('-', ':');
        if (!mac.matches("[0-9a-f][02468ace](:[0-9a-f]{2}){5}")) throw Problem.badMember("nics",
                "'%s' is not the MAC address of one NIC, such as 52:54:00:12:34:56.".formatted(text));
        return mac;
    }

    static NetworkKind kindOf(String word) {
        if (word.startsWith(NetworkSpec.JOINED)) return NetworkKind.JOINED;
        return switch (word) {
            case "none" -> NetworkKind.NONE;
            case "host" -> NetworkKind.HOST;
            default -> NetworkKind.USER;
        };
    }

    private static void check(Kind kind, NetworkKind what, Nic wanted, boolean addressed) {
        if (kind == Kind.VM && what == NetworkKind.HOST) throw new Problem(ErrorCode.UNSUPPORTED,
                "A virtual machine has a kernel of its own and cannot use the host's network.\nMaybe use --network user.");
        if (kind == Kind.VM && what == NetworkKind.JOINED) throw new Problem(ErrorCode.UNSUPPORTED,
                "A virtual machine has a kernel of its own and cannot be in a container's network.\nMaybe put both into one network.");
        if (kind == Kind.CONTAINER && what == NetworkKind.USER) throw new Problem(ErrorCode.UNSUPPORTED,
                "User networking is QEMU's; a container has none.\nMaybe use --network default, or --vm.");
        if (!addressed && (wanted.ipv4().isPresent() || wanted.ipv6().isPresent())) throw new Problem(
                ErrorCode.UNSUPPORTED, "An address can be given in networks that have a subnet, not in %s."
                        .formatted(wanted.network()));
    }

    /// What instances are called in one network: all their names there.
    static List<String> names(String hostname, PluggedNic nic) {
        var names = new ArrayList<String>(List.of(hostname));
        nic.wanted().aliases().stream().filter(alias -> !names.contains(alias)).forEach(names::add);
        return names;
    }

    /// In the order of their ids.
    Map<String, List<PluggedNic>> sorted() {
        var sorted = new TreeMap<String, List<PluggedNic>>();
        nics.forEach((id, all) -> sorted.put(id.value(), all));
        return sorted;
    }
}
