package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.SecurityGroup;
import dev.hostal.model.SecurityGroup.Peer;
import dev.hostal.model.SecurityGroup.Rule;
import dev.hostal.spi.NetworkPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// Security groups, and what labels instances have. Not safe for several threads: its owner is.
final class GroupTable {
    private final Map<String, SecurityGroup> groups = new TreeMap<>();
    private final Map<InstanceId, Map<String, String>> labels = new HashMap<>();

    void put(SecurityGroup group) {
        groups.put(group.name(), group);
    }

    void remove(String name) {
        groups.remove(name);
    }

    void put(InstanceId instance, Map<String, String> own) {
        labels.put(instance, own);
    }

    void remove(InstanceId instance) {
        labels.remove(instance);
    }

    List<SecurityGroup> all() {
        return List.copyOf(groups.values());
    }

    boolean has(String name) {
        return groups.containsKey(name);
    }

    /// @throws Problem NOT_FOUND
    SecurityGroup get(String name) {
        var group = groups.get(name);
        if (group == null) throw new Problem(ErrorCode.NOT_FOUND, "There is no security group %s.".formatted(name));
        return group;
    }

    /// Which group's rules are about another one.
    List<String> namedBy(String name) {
        return groups.values().stream().filter(group -> !group.name().equals(name) && group.rules().stream().anyMatch(rule ->
                rule.peer().equals(new Peer.Members(name)))).map(SecurityGroup::name).toList();
    }

    /// Whether a rule is about a NIC of an instance.
    boolean isPeer(Peer peer, InstanceId instance, PluggedNic nic) {
        return switch (peer) {
            case Peer.Anyone _ -> true;
            case Peer.Range(var subnet) -> nic.addresses().stream().anyMatch(subnet::contains);
            case Peer.Members(var group) -> nic.wanted().groups().contains(group);
            case Peer.Labelled(var key, var value) -> value.equals(labels.getOrDefault(instance, Map.of()).get(key));
        };
    }

    /// What drivers are told: who is meant by each peer stands in sets of addresses.
    ///
    /// @param nics of those that run
    Planned plan(Map<InstanceId, List<PluggedNic>> nics) {
        var sets = new TreeMap<String, Peer>();
        groups.values().forEach(group -> group.rules().forEach(rule -> {
            if (rule.peer() instanceof Peer.Members || rule.peer() instanceof Peer.Labelled) {
                sets.put(rule.peer().toString(), rule.peer());
            }
        }));
        var names = new HashMap<String, String>();
        var peers = new ArrayList<NetworkPlan.Peers>();
        sets.forEach((text, peer) -> {
            var name = NetworkPlan.Peers.PREFIX + names.size();
            names.put(text, name);
            peers.add(new NetworkPlan.Peers(name, addresses(peer, nics, nic -> nic.ipv4().stream()),
                    addresses(peer, nics, nic -> nic.ipv6().stream())));
        });
        return new Planned(groups.values().stream().map(group -> new NetworkPlan.Group(group.name(), group.allowsIn(),
                group.allowsOut(), group.rules().stream().map(rule -> planned(rule, names)).toList())).toList(), peers);
    }

    record Planned(List<NetworkPlan.Group> groups, List<NetworkPlan.Peers> peers) {}

    private static NetworkPlan.Rule planned(Rule rule, Map<String, String> names) {
        var peer = switch (rule.peer()) {
            case Peer.Anyone _ -> "";
            case Peer.Range(var subnet) -> subnet.toString();
            case Peer.Members _, Peer.Labelled _ -> names.get(rule.peer().toString());
        };
        return new NetworkPlan.Rule(rule.id(), rule.allow(), rule.in(), rule.protocol(), rule.firstPort(), rule.lastPort(),
                peer);
    }

    private List<String> addresses(Peer peer, Map<InstanceId, List<PluggedNic>> nics,
            Function<PluggedNic, Stream<String>> address) {
        return nics.entrySet().stream().flatMap(one -> one.getValue().stream()
                .filter(nic -> isPeer(peer, one.getKey(), nic))).flatMap(address).distinct().sorted().toList();
    }
}
