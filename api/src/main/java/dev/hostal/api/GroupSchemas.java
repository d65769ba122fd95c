package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

import java.util.List;

/// What is said of security groups on the wire of `/v1`.
final class GroupSchemas {
    static final Schema RULE = Schema.of("GroupRule", "What the NICs of a security group may, or may not.",
            may("id", "integer", "Its number within the group; chosen."),
            has("action", "string", "`allow` or `deny`; what one rule denies, no other allows."),
            has("direction", "string", "`in` or `out`, of whoever begins the connection."),
            may("protocol", "string", "`any` (the default), `tcp`, `udp` or `icmp`."),
            may("ports", "string", "Of the receiver: such as `80` or `100-200`; every port where it is empty."),
            may("peer", "string", "`any` (the default), an address, a subnet, `group:NAME` or `label:KEY=VALUE`."));
    static final Schema GROUP = Schema.of("Group", "A security group; rules hold for the NICs that are in it.",
            has("name", "string", "1 to 40 letters, digits, `_` and `-`."),
            may("in", "string", "What becomes of what no rule names: `deny` (the default) or `allow`."),
            may("out", "string", "The same of what goes out: `allow` (the default) or `deny`."),
            may("rules", "GroupRule[]", ""));
    static final Schema GROUPS = Schema.of("Groups", "", has("groups", "Group[]", ""));
    static final Schema NIC_GROUPS = Schema.of("NicGroups", "The security groups of a NIC.",
            has("groups", "string[]", "All of them; none takes it out of all."));
    static final Schema NIC_SHAPE = Schema.of("NicShape", "How a NIC is slowed, as its guest sees it.",
            may("rate-in", "string", "Bits a second that it receives, such as `10M`."),
            may("rate-out", "string", "Bits a second that it sends."),
            may("delay", "string", "Of what it receives, such as `20ms`."),
            may("loss", "string", "Of what it would receive, such as `0.5%`."));
    static final Schema REACH = Schema.of("Reach", "Whether the first packet of a connection arrives.",
            has("allowed", "boolean", "By Hostal; the host's own firewall comes on top of it."),
            has("because", "string", "The rule that decides."),
            may("address", "string", "Where it goes."),
            may("probed", "string", "What became of a real packet, in words."),
            may("arrived", "boolean", "Whether that one arrived."));

    static final List<Schema> ALL = List.of(RULE, GROUP, GROUPS, NIC_GROUPS, NIC_SHAPE, REACH);

    private GroupSchemas() {}
}
