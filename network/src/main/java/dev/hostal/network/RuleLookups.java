package dev.hostal.network;

import dev.hostal.model.Subnet;
import dev.hostal.network.RuleSet.ElementSet;
import dev.hostal.spi.NetworkPlan.Peers;
import dev.hostal.spi.NetworkPlan.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Rules of one direction that have the same verdict, so that their order is of no importance: as lookups in sets, whose number
/// does not grow with the number of rules. Pure text. Source: nft(8), "Sets".
///
/// Elements of a set with ranges in several fields must not overlap. Ranges of ports are merged for that, and subnets that
/// lie within each other stand in different sets: there are as many as they are deep.
final class RuleLookups {
    private static final String ICMP = "meta l4proto { icmp, icmpv6 } ";
    private static final String PORTS = "meta l4proto . th dport ";
    private static final String PORT_TYPES = "inet_proto . inet_service";
    private static final int PORT_LAST = 65_535;

    private final String name;
    private final String end;
    private final String verdict;
    private final List<String> lines = new ArrayList<>();
    private final SortedMap<String, ElementSet> sets = new TreeMap<>();

    /// @param name with which the names of its sets begin
    /// @param end of a packet, where its peer stands: `saddr` or `daddr`
    RuleLookups(String name, String end, String verdict, List<Rule> rules) {
        this.name = name;
        this.end = end;
        this.verdict = verdict;
        var subnets = new TreeMap<String, List<Rule>>();
        var others = new TreeMap<String, List<Rule>>();
        for (var rule : rules) {
            boolean subnet = !rule.peer().isEmpty() && !rule.peer().startsWith(Peers.PREFIX);
            (subnet ? subnets : others).computeIfAbsent(rule.peer(), _ -> new ArrayList<>()).add(rule);
        }
        others.forEach(this::addPeers);
        addSubnets(subnets, "ip", "ipv4_addr", 4);
        addSubnets(subnets, "ip6", "ipv6_addr", 6);
    }

    List<String> lines() {
        return lines;
    }

    SortedMap<String, ElementSet> sets() {
        return sets;
    }

    private void addPeers(String peers, List<Rule> rules) {
        var set = peers.isEmpty() ? name : name + "_" + peers;
        var ports = ports(rules);
        if (!ports.isEmpty()) addSet(set, PORT_TYPES, ports);
        var from = peers.isEmpty() ? List.of("")
                : List.of("ip %s @%sv4 ".formatted(end, peers), "ip6 %s @%sv6 ".formatted(end, peers));
        for (var prefix : from) {
            if (rules.stream().anyMatch(RuleLookups::isAny)) lines.add(prefix + verdict);
            if (rules.stream().anyMatch(RuleLookups::isIcmp)) lines.add(prefix + ICMP + verdict);
            if (!ports.isEmpty()) lines.add("%s%s@%s %s".formatted(prefix, PORTS, set, verdict));
        }
    }

    private void addSubnets(Map<String, List<Rule>> all, String protocol, String type, int family) {
        var rules = new HashMap<Subnet, List<Rule>>();
        all.forEach((text, own) -> {
            var subnet = Subnet.parse(text);
            if (subnet.isV6() == (family == 6)) rules.put(subnet, own);
        });
        var peer = "%s %s ".formatted(protocol, end);
        addOutermost(rules, RuleLookups::isAny, peer, "", name + "_any" + family, type);
        addOutermost(rules, RuleLookups::isIcmp, peer, ICMP, name + "_icmp" + family, type);
        var ports = new HashMap<Subnet, List<String>>();
        rules.forEach((subnet, own) -> {
            var merged = ports(own);
            if (!merged.isEmpty()) ports.put(subnet, merged);
        });
        depths(ports.keySet().stream().toList()).forEach((depth, subnets) -> {
            var set = "%s_ports%d_%d".formatted(name, family, depth);
            addSet(set, type + " . " + PORT_TYPES, subnets.stream().flatMap(subnet -> ports.get(subnet).stream()
                    .map(range -> subnet + " . " + range)).toList());
            lines.add("%s. %s@%s %s".formatted(peer, PORTS, set, verdict));
        });
    }

    /// What lies within another subnet is said by that one.
    private void addOutermost(Map<Subnet, List<Rule>> rules, Predicate<Rule> what, String peer, String protocols, String set,
            String type) {
        var subnets = rules.entrySet().stream().filter(one -> one.getValue().stream().anyMatch(what))
                .map(Map.Entry::getKey).toList();
        if (subnets.isEmpty()) return;
        addSet(set, type, depths(subnets).get(0).stream().map(Subnet::toString).toList());
        lines.add("%s@%s %s%s".formatted(peer, set, protocols, verdict));
    }

    private void addSet(String set, String type, List<String> elements) {
        sets.put(set, new ElementSet("set { type %s; %s;".formatted(type, ElementSet.INTERVAL), new TreeSet<>(elements)));
    }

    /// Subnets by how many others of them each lies in. Two of them are apart or one within the other, so that those of the
    /// same depth are apart.
    private static SortedMap<Integer, List<Subnet>> depths(List<Subnet> subnets) {
        var all = new HashSet<>(subnets);
        return subnets.stream().collect(Collectors.groupingBy(subnet -> {
            int depth = 0;
            for (int prefix = 0; prefix < subnet.prefix(); prefix++) {
                if (all.contains(new Subnet(subnet.base(), prefix, subnet.isV6()))) depth++;
            }
            return depth;
        }, TreeMap::new, Collectors.toList()));
    }

    private static boolean isAny(Rule rule) {
        return rule.protocol().equals("any");
    }

    private static boolean isIcmp(Rule rule) {
        return rule.protocol().equals("icmp");
    }

    /// Protocols with ranges of ports that are apart, of all rules that have ports.
    private static List<String> ports(List<Rule> rules) {
        var ranges = new ArrayList<String>();
        for (var protocol : List.of("tcp", "udp")) {
            merged(rules.stream().filter(rule -> rule.protocol().equals(protocol)).map(Range::of).sorted().toList())
                    .forEach(range -> ranges.add(protocol + " . " + range));
        }
        return ranges;
    }

    private record Range(int first, int last) implements Comparable<Range> {
        static Range of(Rule rule) {
            return rule.firstPort() == 0 ? new Range(0, PORT_LAST) : new Range(rule.firstPort(), rule.lastPort());
        }

        @Override public int compareTo(Range other) {
            return Integer.compare(first, other.first);
        }

        @Override public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }

    private static List<Range> merged(List<Range> sorted) {
        var merged = new ArrayList<Range>();
        for (var range : sorted) {
            if (!merged.isEmpty() && range.first() <= merged.getLast().last() + 1) {
                var before = merged.removeLast();
                merged.add(new Range(before.first(), Math.max(before.last(), range.last())));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }
}
