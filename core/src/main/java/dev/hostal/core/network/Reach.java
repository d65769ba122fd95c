package dev.hostal.core.network;

import dev.hostal.model.InstanceId;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.SecurityGroup;
import dev.hostal.model.SecurityGroup.Peer;
import dev.hostal.model.Subnet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether the first packet of a connection arrives, and what decides: pure, from what is wanted. The host's own firewall
/// comes on top of it.
///
/// @param ports published ones of the receiver
public record Reach(Map<String, NetworkSpec> networks, GroupTable groups, List<Publication> ports) {
    /// One end of a connection.
    public sealed interface End {
        record Guest(InstanceId id, String name, List<PluggedNic> nics, boolean runs) implements End {}

        record Host() implements End {}

        record Outside(String address) implements End {}
    }

    /// @param address to which it goes; empty where it goes nowhere
    public record Answer(Verdict verdict, Optional<String> address) {
        private static Answer no(String because) {
            return new Answer(new Verdict(false, because), Optional.empty());
        }
    }

    Answer of(End from, End to, String protocol, int port) {
        if (from instanceof End.Guest guest && !guest.runs()) {
            return Answer.no("instance %s does not run".formatted(guest.name()));
        }
        if (to instanceof End.Guest guest && !guest.runs()) return Answer.no("instance %s does not run".formatted(guest.name()));
        return switch (to) {
            case End.Guest target -> switch (from) {
                case End.Guest source -> between(source, target, protocol, port);
                case End.Host _ -> fromHost(target, protocol, port);
                case End.Outside(var address) -> fromOutside(address, target, protocol, port);
            };
            case End.Host _ -> from instanceof End.Guest source ? toHost(source, protocol, port)
                    : Answer.no("neither end is an instance, so Hostal has no say in it");
            case End.Outside(var address) -> from instanceof End.Guest source ? out(source, address, protocol, port)
                    : Answer.no("neither end is an instance, so Hostal has no say in it");
        };
    }

    private Answer between(End.Guest source, End.Guest target, String protocol, int port) {
        for (var one : source.nics()) {
            for (var other : target.nics()) {
                if (one.network().equals(other.network()) && one.kind().hasBridge()) {
                    return within(source, one, target, other, protocol, port);
                }
            }
        }
        return Answer.no("they share no network (%s is in %s, %s in %s), and nothing is routed between networks"
                .formatted(source.name(), names(source), target.name(), names(target)));
    }

    private Answer within(End.Guest source, PluggedNic one, End.Guest target, PluggedNic other, String protocol, int port) {
        var address = other.addresses().stream().findFirst();
        if (networks.get(one.network()).isolatedPorts()) return new Answer(new Verdict(false,
                "network %s isolates its ports from each other".formatted(one.network())), address);
        var sending = Verdict.of(groups(one), false, protocol, port, peer -> groups.isPeer(peer, target.id(), other));
        if (sending.isPresent() && !sending.get().allowed()) return new Answer(sending.get(), address);
        var receiving = Verdict.of(groups(other), true, protocol, port, peer -> groups.isPeer(peer, source.id(), one));
        return new Answer(receiving.or(() -> sending).orElse(new Verdict(true,
                "both are in network %s, and neither is in a security group".formatted(one.network()))), address);
    }

    private Answer fromHost(End.Guest target, String protocol, int port) {
        var nic = firstOnBridge(target);
        if (nic.isEmpty()) return Answer.no("instance %s is in %s, where the host does not reach it".formatted(target.name(),
                names(target)));
        var gateway = networks.get(nic.get().network());
        var verdict = Verdict.of(groups(nic.get()), true, protocol, port, peer -> isAt(peer, gateway.gateway4().orElseThrow()));
        return new Answer(verdict.orElse(new Verdict(true, "the host reaches every instance of network %s"
                .formatted(nic.get().network()))), nic.get().addresses().stream().findFirst());
    }

    private Answer fromOutside(String address, End.Guest target, String protocol, int port) {
        var nic = firstOnBridge(target);
        var published = ports.stream().filter(one -> one.protocol().equals(protocol) && port >= one.guestPort()
                && port < one.guestPort() + one.count() && !one.hostAddress().equals("127.0.0.1")).findFirst();
        if (nic.isEmpty()) return Answer.no("instance %s is in %s, which is not Hostal's to decide".formatted(target.name(),
                names(target)));
        if (published.isEmpty()) return Answer.no("no published port of an address other than loopback leads to %s port %d of %s"
                .formatted(protocol, port, target.name()));
        var verdict = Verdict.of(groups(nic.get()), true, protocol, port, peer -> isAt(peer, address));
        return new Answer(verdict.orElse(new Verdict(true, "the published port %s leads there".formatted(published.get()))),
                nic.get().addresses().stream().findFirst());
    }

    private Answer toHost(End.Guest source, String protocol, int port) {
        var nic = firstOnBridge(source);
        if (nic.isEmpty()) return Answer.no("instance %s is in %s, where the host has no address of Hostal's"
                .formatted(source.name(), names(source)));
        var spec = networks.get(nic.get().network());
        var gateway = spec.gateway4().orElseThrow();
        boolean service = port == 53 || protocol.equals("icmp");
        if (service) return new Answer(new Verdict(true, "names and echoes of the gateway are for every instance"),
                Optional.of(gateway));
        var verdict = Verdict.of(groups(nic.get()), false, protocol, port, peer -> isAt(peer, gateway));
        if (verdict.isPresent() && !verdict.get().allowed()) return new Answer(verdict.get(), Optional.of(gateway));
        return new Answer(spec.kind() == NetworkKind.ISOLATED
                ? new Verdict(false, "network %s is isolated, from the host too".formatted(spec.name()))
                : verdict.orElse(new Verdict(true, "network %s is nat, and the host lets it in unless its own firewall does not"
                        .formatted(spec.name()))), Optional.of(gateway));
    }

    private Answer out(End.Guest source, String address, String protocol, int port) {
        var way = source.nics().stream().filter(nic -> nic.kind() == NetworkKind.NAT).findFirst();
        if (way.isEmpty()) {
            boolean alone = source.nics().stream().allMatch(nic -> nic.kind().hasBridge() || nic.kind() == NetworkKind.NONE);
            return alone ? Answer.no("instance %s is in %s, from where there is no way out".formatted(source.name(),
                    names(source))) : new Answer(new Verdict(true, "instance %s is in %s, where Hostal decides nothing"
                    .formatted(source.name(), names(source))), Optional.of(address));
        }
        var verdict = Verdict.of(groups(way.get()), false, protocol, port, peer -> isAt(peer, address));
        return new Answer(verdict.orElse(new Verdict(true, "network %s is nat, and leads out by the host's address"
                .formatted(way.get().network()))), Optional.of(address));
    }

    private static Optional<PluggedNic> firstOnBridge(End.Guest guest) {
        return guest.nics().stream().filter(nic -> nic.kind().hasBridge()).findFirst();
    }

    private static boolean isAt(Peer peer, String address) {
        return switch (peer) {
            case Peer.Anyone _ -> true;
            case Peer.Range(Subnet subnet) -> subnet.contains(address);
            case Peer.Members _, Peer.Labelled _ -> false;
        };
    }

    private List<SecurityGroup> groups(PluggedNic nic) {
        return nic.wanted().groups().stream().distinct().sorted().map(groups::get).toList();
    }

    private static String names(End.Guest guest) {
        var names = guest.nics().stream().map(PluggedNic::network).distinct().toList();
        return names.isEmpty() ? "no network" : String.join(", ", names);
    }
}
