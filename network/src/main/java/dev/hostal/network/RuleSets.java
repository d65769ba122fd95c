package dev.hostal.network;

import dev.hostal.model.NetworkKind;
import dev.hostal.model.Subnet;
import dev.hostal.network.RuleSet.ElementSet;
import dev.hostal.network.RuleSet.Table;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Forward;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Plug;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// From a plan to the rules of the packet filter: a pure function. Source: nft(8).
///
/// Two tables, in which everything stands: `inet` for what is routed (the way out, published ports, what may pass between
/// networks), `bridge` for what enters at the port of a guest. Accepting in ours opens nothing that a chain of the host's
/// own drops: a packet must pass all of them.
final class RuleSets {
    /// Who runs QEMU, see the qemu module: one user a machine.
    private static final String MACHINE_USERS = "1073741824-1090519039";

    private RuleSets() {}

    static RuleSet of(NetworkPlan plan, LinkNames names) {
        var tables = new ArrayList<Table>();
        if (plan.isEmpty()) return new RuleSet(tables);
        tables.add(new Table("inet", names.table(), routedSets(plan), routed(plan)));
        if (!plan.networks().isEmpty()) {
            tables.add(new Table("bridge", names.table(), portSets(plan), PORTS.formatted(names.nics())));
        }
        return new RuleSet(tables);
    }

    // ---- what is routed

    private static SortedMap<String, ElementSet> routedSets(NetworkPlan plan) {
        var sets = new TreeMap<String, ElementSet>();
        sets.put("bridges", interfaces(plan.networks().stream()));
        sets.put("isolated", interfaces(plan.networks().stream().filter(net -> net.kind() == NetworkKind.ISOLATED)));
        sets.put("gateways4", new ElementSet("set { type ipv4_addr;", elements(plan.networks().stream(), Net::gateway4)));
        sets.put("gateways6", new ElementSet("set { type ipv6_addr;", elements(plan.networks().stream(), Net::gateway6)));
        sets.put("published4", new ElementSet(
                "map { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;",
                published(plan, "4", false)));
        sets.put("published6", new ElementSet(
                "map { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service;",
                published(plan, "6", false)));
        sets.put("everywhere4", new ElementSet("map { type inet_proto . inet_service : ipv4_addr . inet_service;",
                published(plan, "4", true)));
        sets.put("everywhere6", new ElementSet("map { type inet_proto . inet_service : ipv6_addr . inet_service;",
                published(plan, "6", true)));
        new GroupRules(plan).addSets(sets);
        return sets;
    }

    private static ElementSet interfaces(Stream<Net> networks) {
        return new ElementSet("set { type ifname;", elements(networks, net -> quoted(net.bridge())));
    }

    private static TreeSet<String> published(NetworkPlan plan, String family, boolean everywhere) {
        var elements = new TreeSet<String>();
        for (var forward : plan.forwards()) {
            var own = forward.guestAddress().contains(":") ? "6" : "4";
            boolean any = forward.hostAddress().equals("0.0.0.0") || forward.hostAddress().equals("::");
            // That one is not the packet filter's, see Loopback6.
            if (!own.equals(family) || any != everywhere || forward.hostAddress().equals("::1")) continue;
            for (int i = 0; i < forward.count(); i++) elements.add(element(forward, i, any));
        }
        return elements;
    }

    private static String element(Forward forward, int offset, boolean any) {
        return "%s%s . %d : %s . %d".formatted(any ? "" : forward.hostAddress() + " . ", forward.protocol(),
                forward.hostPort() + offset, forward.guestAddress(), forward.guestPort() + offset);
    }

    private static final String PUBLISHED = """
            \t\tmeta l4proto { tcp, udp } dnat ip to ip daddr . meta l4proto . th dport map @published4
            \t\tmeta l4proto { tcp, udp } dnat ip6 to ip6 daddr . meta l4proto . th dport map @published6
            \t\tmeta l4proto { tcp, udp } fib daddr type local dnat ip to meta l4proto . th dport map @everywhere4
            \t\tip6 daddr != ::1 meta l4proto { tcp, udp } fib daddr type local dnat ip6 to meta l4proto . th dport map @everywhere6
            """;

    private static String routed(NetworkPlan plan) {
        var groups = new GroupRules(plan);
        return groups.chains() + """
                \tchain guard {
                \t\ttype filter hook prerouting priority -300; policy accept;
                \t\tip daddr 127.0.0.0/8 iifname @bridges drop
                \t\tip6 daddr ::1 iifname @bridges drop
                \t}
                \tchain prerouting {
                \t\ttype nat hook prerouting priority -100; policy accept;
                %s\t}
                \tchain output {
                \t\ttype nat hook output priority -100; policy accept;
                %s\t}
                \tchain postrouting {
                \t\ttype nat hook postrouting priority 100; policy accept;
                \t\tip saddr 127.0.0.0/8 oifname @bridges ct status dnat masquerade
                %s\t}
                \tchain forward {
                \t\ttype filter hook forward priority 0; policy accept;
                \t\tct state established,related accept
                %s%s\t\toifname @bridges ct status dnat accept
                \t\toifname @bridges reject with icmpx admin-prohibited
                \t\tiifname @isolated reject with icmpx admin-prohibited
                \t}
                \tchain input {
                \t\ttype filter hook input priority 0; policy accept;
                \t\tiifname != @bridges accept
                \t\tct state established,related accept
                %s\t\tudp dport { 53, 67, 547 } accept
                \t\ttcp dport 53 accept
                \t\tmeta l4proto { icmp, icmpv6 } accept
                %s\t\tiifname @isolated reject with icmpx admin-prohibited
                \t}
                %s""".formatted(PUBLISHED, PUBLISHED, lines(plan, RuleSets::out),
                groups.isEmpty() ? "" : "\t\tjump sending\n\t\tjump receiving\n", lines(plan, RuleSets::within),
                lines(plan, RuleSets::otherGateways), groups.isEmpty() ? "" : "\t\tjump sending\n",
                plan.guardsLoopback() ? LOOPBACK : "");
    }

    private static final String LOOPBACK = """
            \tchain machines {
            \t\ttype filter hook output priority 0; policy accept;
            \t\toifname != "lo" accept
            \t\tmeta skuid != %s accept
            \t\tct state established,related accept
            \t\tudp dport 53 accept
            \t\tip daddr 127.0.0.0/8 reject with icmpx admin-prohibited
            \t\tip6 daddr ::1 reject with icmpx admin-prohibited
            \t}
            """.formatted(MACHINE_USERS);

    /// The way out, and back into the same network by a published port.
    private static List<String> out(Net net) {
        var rules = new ArrayList<String>();
        rules.add("ip saddr %s oifname %s ct status dnat masquerade".formatted(net.ipv4(), quoted(net.bridge())));
        rules.add("ip6 saddr %s oifname %s ct status dnat masquerade".formatted(net.ipv6(), quoted(net.bridge())));
        if (net.kind() == NetworkKind.NAT) {
            rules.add("ip saddr %s oifname != @bridges masquerade".formatted(net.ipv4()));
            rules.add("ip6 saddr %s oifname != @bridges masquerade".formatted(net.ipv6()));
        }
        return rules;
    }

    /// Frames within a bridge come here too where the host filters them.
    private static List<String> within(Net net) {
        return List.of("iifname %s oifname %s accept".formatted(quoted(net.bridge()), quoted(net.bridge())));
    }

    private static List<String> otherGateways(Net net) {
        return List.of("iifname %s ip daddr @gateways4 ip daddr != %s reject with icmpx admin-prohibited"
                        .formatted(quoted(net.bridge()), net.gateway4()),
                "iifname %s ip6 daddr @gateways6 ip6 daddr != %s reject with icmpx admin-prohibited"
                        .formatted(quoted(net.bridge()), net.gateway6()));
    }

    private static String lines(NetworkPlan plan, Function<Net, List<String>> rules) {
        return plan.networks().stream().flatMap(net -> rules.apply(net).stream()).map(rule -> "\t\t" + rule + "\n")
                .collect(Collectors.joining());
    }

    // ---- what enters at a guest's port

    private static SortedMap<String, ElementSet> portSets(NetworkPlan plan) {
        var sets = new TreeMap<String, ElementSet>();
        sets.put("macs", new ElementSet("set { type ifname . ether_addr;",
                elements(plan.plugs().stream(), RuleSets::sender)));
        sets.put("own4", new ElementSet("set { type ifname . ether_addr . ipv4_addr;",
                elements(plan.plugs().stream().filter(plug -> plug.ipv4().isPresent()),
                        plug -> sender(plug) + " . " + plug.ipv4().orElseThrow())));
        var own6 = elements(plan.plugs().stream().filter(plug -> plug.ipv6().isPresent()),
                plug -> sender(plug) + " . " + plug.ipv6().orElseThrow());
        own6.addAll(elements(plan.plugs().stream(), plug -> sender(plug) + " . " + LinkLocal.of(plug.mac())));
        sets.put("own6", new ElementSet("set { type ifname . ether_addr . ipv6_addr;", own6));
        // The target of an advertisement, which nft of today has no name for. Source: RFC 4861, 4.4.
        var claims = new TreeSet<String>();
        for (var plug : plan.plugs()) {
            claims.add(sender(plug) + " . " + hex(LinkLocal.of(plug.mac())));
            plug.ipv6().ifPresent(address -> claims.add(sender(plug) + " . " + hex(address)));
        }
        sets.put("claims6", new ElementSet("set { typeof iifname . ether saddr . @th,64,128;", claims));
        return sets;
    }

    /// A guest speaks with its own addresses only and says so of no others, hands out none, and is no router. Ports
    /// give back what comes from them, for guests that reach themselves by a published port; but not what is for
    /// everybody.
    ///
    /// Every frame comes by here: most of them are of TCP, which one lookup lets through, and nobody's broadcasts.
    private static final String PORTS = """
            \tchain prerouting {
            \t\ttype filter hook prerouting priority -300; policy accept;
            \t\tiifname != "%s*" accept
            \t\tether type ip ip protocol tcp iifname . ether saddr . ip saddr @own4 accept
            \t\tether type ip6 ip6 nexthdr tcp iifname . ether saddr . ip6 saddr @own6 accept
            \t\tiifname . ether saddr != @macs drop
            \t\tether type arp goto arp_out
            \t\tether type ip goto ipv4_out
            \t\tether type ip6 goto ipv6_out
            \t\tdrop
            \t}
            \tchain postrouting {
            \t\ttype filter hook postrouting priority 300; policy accept;
            \t\tether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 oifname . ether saddr @macs drop
            \t}
            \tchain arp_out {
            \t\tiifname . arp saddr ether != @macs drop
            \t\tarp saddr ip 0.0.0.0 accept
            \t\tiifname . ether saddr . arp saddr ip != @own4 drop
            \t}
            \tchain ipv4_out {
            \t\tudp sport 67 drop
            \t\tip saddr 0.0.0.0 udp sport 68 udp dport 67 accept
            \t\tiifname . ether saddr . ip saddr != @own4 drop
            \t}
            \tchain ipv6_out {
            \t\ticmpv6 type { nd-router-advert, nd-redirect } drop
            \t\ticmpv6 type nd-neighbor-advert iifname . ether saddr . @th,64,128 != @claims6 drop
            \t\tudp sport 547 drop
            \t\tip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld-listener-report, mld2-listener-report } accept
            \t\tiifname . ether saddr . ip6 saddr != @own6 drop
            \t}
            """;

    private static String hex(String address) {
        return "0x%032x".formatted(Subnet.number(address));
    }

    private static String sender(Plug plug) {
        return quoted(plug.device()) + " . " + plug.mac();
    }

    private static <T> TreeSet<String> elements(Stream<T> things, Function<T, String> element) {
        return things.map(element).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String quoted(String device) {
        return "\"" + device + "\"";
    }
}
