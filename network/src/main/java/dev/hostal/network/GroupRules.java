package dev.hostal.network;

import dev.hostal.network.RuleSet.ElementSet;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Group;
import dev.hostal.spi.NetworkPlan.Plug;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Security groups as rules of the packet filter: pure text. Source: nft(8).
///
/// A NIC is known by its addresses, which nobody else can use (see [RuleSets]), because a frame within a bridge has no
/// other name at the hooks of IP. Connections that are established have passed before, so a chain is read once a
/// connection, and how long that takes does not depend on how many rules there are (see [RuleLookups]). NICs with the same
/// groups share chains; who is meant by a rule stands in sets.
final class GroupRules {
    private static final String ALWAYS = """
            \t\ticmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, \
            mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } return
            \t\tudp sport . udp dport { 67 . 68, 68 . 67, 546 . 547, 547 . 546 } return
            """;

    private static final String REJECT = "reject with icmpx admin-prohibited";

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
        for (var one : numbers.entrySet()) {
            sets.putAll(chain(one.getValue(), one.getKey(), true).sets());
            sets.putAll(chain(one.getValue(), one.getKey(), false).sets());
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
            text.append(chain(one.getValue(), one.getKey(), true).text())
                    .append(chain(one.getValue(), one.getKey(), false).text());
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

    private record Chain(String text, SortedMap<String, ElementSet> sets) {}

    /// What is denied first, then what is allowed, then what no rule names.
    private Chain chain(int number, String key, boolean in) {
        var name = (in ? "in_" : "out_") + number;
        var own = List.of(key.split(",")).stream().map(groups::get).toList();
        var text = new StringBuilder("\tchain %s {\n".formatted(name));
        var sets = new TreeMap<String, ElementSet>();
        for (boolean allow : new boolean[] {false, true}) {
            var rules = own.stream().flatMap(group -> group.rules().stream())
                    .filter(rule -> rule.in() == in && rule.allow() == allow)
                    .toList();
            var lookups = new RuleLookups(name + (allow ? "_allow" : "_deny"), in ? "saddr" : "daddr",
                    allow ? "return" : REJECT, rules);
            lookups.lines().forEach(line -> text.append("\t\t").append(line).append('\n'));
            sets.putAll(lookups.sets());
        }
        own.stream().filter(group -> in ? !group.allowsIn() : !group.allowsOut()).findFirst().ifPresent(group ->
                text.append("\t\t%s comment \"%s\"\n".formatted(REJECT, group.name())));
        return new Chain(text.append("\t}\n").toString(), sets);
    }
}
