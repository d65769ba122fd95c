package dev.hostal.core.network;

import dev.hostal.model.SecurityGroup;
import dev.hostal.model.SecurityGroup.Peer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What becomes of the first packet of a connection, and which rule says so.
public record Verdict(boolean allowed, String because) {
    /// The rules of groups, as the packet filter reads them: a pure function.
    ///
    /// @param groups of a NIC
    /// @param isPeer whether a rule's peer is the other end
    /// @return empty where the NIC is in no group
    static Optional<Verdict> of(List<SecurityGroup> groups, boolean in, String protocol, int port, Predicate<Peer> isPeer) {
        if (groups.isEmpty()) return Optional.empty();
        for (boolean allow : new boolean[] {false, true}) {
            for (var group : groups) {
                for (var rule : group.rules()) {
                    if (rule.in() == in && rule.allow() == allow && rule.isAbout(protocol, port) && isPeer.test(rule.peer())) {
                        return Optional.of(new Verdict(allow, "rule %d of group %s: %s".formatted(rule.id(), group.name(),
                                rule)));
                    }
                }
            }
        }
        var strict = groups.stream().filter(group -> in ? !group.allowsIn() : !group.allowsOut()).findFirst();
        var way = in ? "in" : "out";
        return Optional.of(strict.map(group -> new Verdict(false,
                "no rule of its groups names it, and group %s denies %s what no rule names".formatted(group.name(), way)))
                .orElse(new Verdict(true, "no rule of its groups names it, and they allow %s what no rule names".formatted(way))));
    }
}
