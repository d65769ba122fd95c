package dev.hostal.network;

import dev.hostal.network.RuleSet.ElementSet;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Group;
import dev.hostal.spi.NetworkPlan.Peers;
import dev.hostal.spi.NetworkPlan.Plug;
import dev.hostal.spi.NetworkPlan.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Security groups as rules of the packet filter: pure text. Source: nft(8).
///
/// A NIC is known by its addresses, which nobody else can use (see [RuleSets]), because a frame within a bridge has no
/// other name at the hooks of IP. Connections that are established have passed before, so each rule is read once a
/// connection. NICs with the same groups share chains; who is meant by a rule stands in sets.
final class GroupRules {
    private static final String ALWAYS = """
            \t\ticmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, \
            mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } return
            \t\tudp sport . udp dport { 67 . 68, 68 . 67, 546 . 547, 547 . 546 } return
            """;

    private final NetworkPlan plan;
    private final Map<String, Group> groups;
    /// Groups of a NIC, and the number of the chains of all that have the same.
    private final SortedMap<String, Integer> numbers = new TreeMap<>();

    GroupRules(NetworkPlan plan) {
        this.plan = plan;
        groups = plan.groups().stream().collect(Collectors.toMap(Group::name, group -> group));
        for (var plug : guarded()) numbers.putIfAbsent(key(plug), 0);
        int number = 0;
        for (var key : List.copyOf(numbers.keySet())) numbers.put(key, number++);
    }

    private List<Plug> guarded() {
        return plan.plugs().stream().filter(plug -> !plug.groups().isEmpty()).toList();
    }

    private static String key(Plug plug) {
        return String.join(",", new TreeSet<>(plug.groups()));
    }

    boolean isEmpty() {
        return numbers.isEmpty();
    }

    void addSets(SortedMap<String, ElementSet> sets) {
        if (isEmpty()) return;
        for (var way : List.of("in", "out")) {
            var four = new TreeSet<String>();
            var six = new TreeSet<String>();
            for (var plug : guarded()) {
                var chain = " : jump " + way + "_" + numbers.get(key(plug));
                plug.ipv4().ifPresent(address -> four.add(address + chain));
                plug.ipv6().ifPresent(address -> six.add(address + chain));
                six.add(LinkLocal.of(plug.mac()) + chain);
            }
            sets.put("guarded_" + way + "4", new ElementSet("map { type ipv4_addr : verdict;", four));
            sets.put("guarded_" + way + "6", new ElementSet("map { type ipv6_addr : verdict;", six));
        }
        for (var peers : plan.peers()) {
            sets.put(peers.name() + "v4", new ElementSet("set { type ipv4_addr;", new TreeSet<>(peers.ipv4())));
            sets.put(peers.name() + "v6", new ElementSet("set { type ipv6_addr;", new TreeSet<>(peers.ipv6())));
        }
    }

    /// Chains to jump to, first: `sending` and `receiving`, of what is no part of an established connection.
    String chains() {
        if (isEmpty()) return "";
        var text = new StringBuilder();
        for (var one : numbers.entrySet()) {
            var own = List.of(one.getKey().split(",")).stream().map(groups::get).toList();
            text.append(chain("in_" + one.getValue(), own, true)).append(chain("out_" + one.getValue(), own, false));
        }
        return text + """
                \tchain sending {
                %s\t\tip saddr vmap @guarded_out4
                \t\tip6 saddr vmap @guarded_out6
                \t}
                \tchain receiving {
                %s\t\tip daddr vmap @guarded_in4
                \t\tip6 daddr vmap @guarded_in6
                \t}
                \tchain groups_output {
                \t\ttype filter hook output priority 0; policy accept;
                \t\tct state established,related accept
                \t\tjump receiving
                \t}
                """.formatted(ALWAYS, ALWAYS);
    }

    private static String chain(String name, List<Group> own, boolean in) {
        var rules = new ArrayList<String>();
        for (boolean allow : new boolean[] {false, true}) {
            for (var group : own) {
                for (var rule : group.rules()) {
                    if (rule.in() == in && rule.allow() == allow) rules.addAll(lines(group, rule));
                }
            }
        }
        var last = own.stream().filter(group -> in ? !group.allowsIn() : !group.allowsOut()).findFirst();
        last.ifPresent(group -> rules.add("reject with icmpx admin-prohibited comment \"%s\"".formatted(group.name())));
        return "\tchain %s {\n%s\t}\n".formatted(name,
                rules.stream().map(rule -> "\t\t" + rule + "\n").collect(Collectors.joining()));
    }

    private static List<String> lines(Group group, Rule rule) {
        var what = switch (rule.protocol()) {
            case "any" -> "";
            case "icmp" -> "meta l4proto { icmp, icmpv6 } ";
            default -> "meta l4proto " + rule.protocol() + " " + (rule.firstPort() == 0 ? ""
                    : "th dport " + (rule.firstPort() == rule.lastPort() ? "" : rule.firstPort() + "-") + rule.lastPort() + " ");
        };
        var verdict = "%s comment \"%s %d\"".formatted(rule.allow() ? "return" : "reject with icmpx admin-prohibited",
                group.name(), rule.id());
        var end = rule.in() ? "saddr" : "daddr";
        return switch (rule.peer()) {
            case "" -> List.of(what + verdict);
            case String peer when peer.startsWith(Peers.PREFIX) -> List.of(
                    "ip %s @%sv4 %s%s".formatted(end, peer, what, verdict),
                    "ip6 %s @%sv6 %s%s".formatted(end, peer, what, verdict));
            case String subnet -> List.of("%s %s %s %s%s".formatted(subnet.contains(":") ? "ip6" : "ip", end, subnet, what,
                    verdict));
        };
    }
}
