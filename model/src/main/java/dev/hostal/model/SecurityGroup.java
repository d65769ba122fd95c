package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What NICs may send and receive. A NIC in several groups is under the rules of all: whatever one of them denies is
/// denied, whatever else one of them allows is allowed, and the rest is allowed in a direction in which all of them say so.
///
/// @param allowsIn what no rule names may come in
/// @param allowsOut what no rule names may go out
/// @param rules in the order in which they were added
public record SecurityGroup(String name, boolean allowsIn, boolean allowsOut, List<Rule> rules) {
    /// Chosen: each is an element of a set in the kernel, which looks into it for the first packet of a connection only.
    public static final int RULES_MAX = 2000;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9_-]{0,38}[a-zA-Z0-9])?");

    /// One rule.
    ///
    /// @param id within its group, never used again
    /// @param in otherwise out
    /// @param protocol `any`, `tcp`, `udp` or `icmp`
    /// @param firstPort of the receiver; 0: every port
    /// @param peer whom it speaks with
    public record Rule(int id, boolean allow, boolean in, String protocol, int firstPort, int lastPort, Peer peer) {
        public Rule {
            require(List.of("any", "tcp", "udp", "icmp").contains(protocol),
                    "'%s' is not a protocol: any, tcp, udp or icmp", protocol);
            require(firstPort == 0 && lastPort == 0 || firstPort >= 1 && lastPort >= firstPort && lastPort <= 65_535,
                    "%d-%d is not a range of ports", firstPort, lastPort);
            require(firstPort == 0 || protocol.equals("tcp") || protocol.equals("udp"),
                    "ports are of tcp or udp, not of %s", protocol);
        }

        public Rule with(int other) {
            return new Rule(other, allow, in, protocol, firstPort, lastPort, peer);
        }

        public String ports() {
            return firstPort == 0 ? "" : firstPort == lastPort ? Integer.toString(firstPort) : firstPort + "-" + lastPort;
        }

        /// Whether it is about that protocol and port.
        public boolean isAbout(String other, int port) {
            return (protocol.equals("any") || protocol.equals(other))
                    && (firstPort == 0 || port >= firstPort && port <= lastPort);
        }

        @Override public String toString() {
            return "%s %s %s%s %s %s".formatted(allow ? "allow" : "deny", in ? "in" : "out", protocol,
                    firstPort == 0 ? "" : ":" + ports(), in ? "from" : "to", peer);
        }
    }

    /// Whom a rule is about.
    public sealed interface Peer {
        record Anyone() implements Peer {
            @Override public String toString() {
                return "any";
            }
        }

        record Range(Subnet subnet) implements Peer {
            @Override public String toString() {
                return subnet.toString();
            }
        }

        /// Every NIC in a group.
        record Members(String group) implements Peer {
            @Override public String toString() {
                return "group:" + group;
            }
        }

        /// Every NIC of instances with a label.
        record Labelled(String key, String value) implements Peer {
            @Override public String toString() {
                return "label:" + key + "=" + value;
            }
        }

        /// @throws IllegalArgumentException the text names nobody
        static Peer parse(String text) {
            if (text.equals("any")) return new Anyone();
            if (text.startsWith("group:")) {
                var name = text.substring("group:".length());
                require(isName(name), "'%s' is not the name of a group", name);
                return new Members(name);
            }
            if (text.startsWith("label:") && text.contains("=")) {
                int equals = text.indexOf('=');
                return new Labelled(text.substring("label:".length(), equals), text.substring(equals + 1));
            }
            if (Subnet.isAddress(text)) return new Range(Subnet.parse(text + (text.contains(":") ? "/128" : "/32")));
            require(text.contains("/"), "'%s' is not any, an address, a subnet, group:NAME or label:KEY=VALUE", text);
            return new Range(Subnet.parse(text));
        }
    }

    public SecurityGroup {
        require(isName(name), "'%s' is not the name of a group: 1 to 40 letters, digits, '_' and '-'", name);
        require(rules.size() <= RULES_MAX, "a group has at most %d rules", RULES_MAX);
        rules = List.copyOf(rules);
    }

    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /// The same with one more rule, which gets the next number.
    public SecurityGroup plus(Rule rule) {
        var more = new ArrayList<>(rules);
        more.add(rule.with(rules.stream().mapToInt(Rule::id).max().orElse(0) + 1));
        return new SecurityGroup(name, allowsIn, allowsOut, more);
    }

    public SecurityGroup minus(int id) {
        return new SecurityGroup(name, allowsIn, allowsOut, rules.stream().filter(rule -> rule.id() != id).toList());
    }
}
