package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Reservation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// The NICs of all instances and the addresses that they were given. Not safe for several threads: its owner is.
final class NicTable {
    /// Of an identity, until there is one that is kept for nobody. Chosen.
    private static final int MACS_TRIED = 8;

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

    /// Whose NIC it is to be.
    ///
    /// @param identity of whom its MAC address is made
    record Holder(InstanceId id, InstanceId identity, InstanceName name, Kind kind) {}

    /// Chooses what a NIC leaves open.
    ///
    /// @param network empty where its name stands for a kind
    /// @throws Problem IN_USE, BAD_REQUEST, BUSY
    PluggedNic choose(Holder holder, int index, Nic wanted, Optional<NetworkRecord> network) {
        var what = network.map(record -> record.spec().kind()).orElseGet(() -> kindOf(wanted.network()));
        check(holder.kind(), what, wanted, isAddressed(what, network));
        // Its second NIC in a network is like anybody's.
        var asked = network.flatMap(record -> record.reservation(holder.name())).filter(kept -> !isHeld(holder.id(), kept))
                .map(kept -> Reservations.asked(wanted, kept)).orElse(wanted);
        var choice = choice(wanted.network(), network, holder.name(), Optional.empty(), "nics");
        var mac = mac(holder, index, asked, choice, what, network.isPresent());
        var chosen = addresses(what, asked, network, choice);
        chosen.next().ifPresent(place -> cursors.put(wanted.network(), place));
        return new PluggedNic(index, wanted.network(), what, mac, chosen.ipv4(), chosen.ipv6(), wanted);
    }

    /// Chooses what is to be kept for a name: what is asked for, what is kept for it already, what an instance of that name has.
    ///
    /// @throws Problem IN_USE, BAD_REQUEST, BUSY, UNSUPPORTED
    Reservation reserve(NetworkRecord network, InstanceName name, Nic asked, Optional<InstanceId> instance) {
        var spec = network.spec();
        var what = spec.kind();
        boolean addressed = isAddressed(what, Optional.of(network));
        check(Kind.VM, what, asked, addressed);
        var kept = network.reservation(name);
        var there = instance.flatMap(id -> of(id).stream().filter(nic -> nic.network().equals(spec.name())).findFirst());
        var whole = new Nic(spec.name(),
                asked.mac().or(() -> kept.map(Reservation::mac).orElseGet(() -> there.map(PluggedNic::mac))),
                asked.ipv4().or(() -> kept.map(Reservation::ipv4).orElseGet(() -> there.flatMap(PluggedNic::ipv4))),
                asked.ipv6().or(() -> kept.map(Reservation::ipv6).orElseGet(() -> there.flatMap(PluggedNic::ipv6))),
                List.of(), List.of(), Map.of());
        if (!addressed && whole.mac().isEmpty()) throw new Problem(ErrorCode.UNSUPPORTED, """
                Network %s has no subnet, so that nothing but a MAC address can be kept in it.
                Maybe give one (--mac).""".formatted(spec.name()));
        var choice = choice(spec.name(), Optional.of(network), name, instance, "reservation");
        var chosen = addresses(what, whole, Optional.of(network), choice);
        return new Reservation(name, whole.mac().map(choice::mac), chosen.ipv4(), chosen.ipv6());
    }

    private AddressChoice.Chosen addresses(NetworkKind what, Nic asked, Optional<NetworkRecord> network, AddressChoice choice) {
        if (switched && what == NetworkKind.USER) return choice.withinUser(asked);
        if (network.isEmpty() || network.get().spec().ipv4().isEmpty()) {
            return new AddressChoice.Chosen(asked.ipv4(), asked.ipv6(), Optional.empty());
        }
        return choice.within(network.get().spec(), asked, cursors.getOrDefault(asked.network(), 1L));
    }

    private String mac(Holder holder, int index, Nic asked, AddressChoice choice, NetworkKind what, boolean shared) {
        boolean meets = switched && what == NetworkKind.USER;
        if (asked.mac().isPresent()) {
            return meets || shared ? choice.mac(asked.mac().get()) : AddressChoice.macOf(asked.mac().get(), "nics");
        }
        var own = IntStream.iterate(index, place -> place + Nic.PLACES).limit(MACS_TRIED)
                .mapToObj(place -> Addresses.mac(holder.identity(), place)).toList();
        var mac = own.stream().filter(one -> !choice.kept().containsKey(one)).findFirst().orElseGet(own::getFirst);
        return meets ? choice.mac(mac) : mac;
    }

    private boolean isAddressed(NetworkKind what, Optional<NetworkRecord> network) {
        return switched && what == NetworkKind.USER || network.isPresent() && network.get().spec().ipv4().isPresent();
    }

    private boolean isHeld(InstanceId id, Reservation kept) {
        return of(id).stream().anyMatch(nic -> kept.addresses().contains(nic.mac())
                || nic.addresses().stream().anyMatch(kept.addresses()::contains));
    }

    /// @param whose name: what is kept for it is free
    /// @param instance whose NICs are in nobody's way
    private AddressChoice choice(String name, Optional<NetworkRecord> network, InstanceName whose, Optional<InstanceId> instance,
            String member) {
        var plugged = new HashSet<String>();
        nics.forEach((id, all) -> all.stream().filter(nic -> nic.network().equals(name) && !instance.equals(Optional.of(id)))
                .forEach(nic -> {
                    plugged.add(nic.mac());
                    plugged.addAll(nic.addresses());
                }));
        var kept = new HashMap<String, InstanceName>();
        network.map(NetworkRecord::reservations).orElse(List.of()).stream().filter(one -> !one.name().equals(whose))
                .forEach(one -> one.addresses().forEach(address -> kept.put(address, one.name())));
        return new AddressChoice(name, plugged, kept, member);
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
