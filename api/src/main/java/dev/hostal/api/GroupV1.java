package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.SecurityGroup;
import dev.hostal.model.SecurityGroup.Peer;
import dev.hostal.model.SecurityGroup.Rule;
import java.util.List;

/// A security group as it is on the wire of `/v1`. What members mean: [SecurityGroup].
public final class GroupV1 {
    private static final String ALLOW = "allow";
    private static final String DENY = "deny";

    private GroupV1() {}

    public static JsonObject toJson(SecurityGroup group) {
        return new JsonObject().put("name", group.name()).put("in", word(group.allowsIn())).put("out", word(group.allowsOut()))
                .putObjects("rules", group.rules().stream().map(GroupV1::toJson).toList());
    }

    public static JsonObject toJson(Rule rule) {
        return new JsonObject().put("id", rule.id()).put("action", word(rule.allow())).put("direction", rule.in() ? "in" : "out")
                .put("protocol", rule.protocol()).put("ports", rule.ports()).put("peer", rule.peer().toString());
    }

    /// @throws IllegalArgumentException it makes no sense
    public static SecurityGroup from(JsonObject json) {
        json.onlyMembers("name", "in", "out", "rules");
        var group = new SecurityGroup(json.text("name"), allows(json.findText("in").orElse(DENY)),
                allows(json.findText("out").orElse(ALLOW)), List.of());
        if (json.has("rules")) {
            for (var rule : json.objects("rules")) group = group.plus(rule(rule));
        }
        return group;
    }

    /// @throws IllegalArgumentException it makes no sense
    public static Rule rule(JsonObject json) {
        json.onlyMembers("id", "action", "direction", "protocol", "ports", "peer");
        var direction = json.text("direction");
        if (!direction.equals("in") && !direction.equals("out")) throw new IllegalArgumentException(
                "'%s' is no direction: in or out".formatted(direction));
        var ports = json.findText("ports").orElse("");
        if (!ports.matches("|\\d{1,5}(-\\d{1,5})?")) throw new IllegalArgumentException(
                "'%s' is not a port or a range of ports".formatted(ports));
        int dash = ports.indexOf('-');
        int first = ports.isEmpty() ? 0 : Integer.parseInt(dash < 0 ? ports : ports.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(ports.substring(dash + 1));
        return new Rule(0, allows(json.text("action")), direction.equals("in"), json.findText("protocol").orElse("any"),
                first, last, Peer.parse(json.findText("peer").orElse("any")));
    }

    private static boolean allows(String word) {
        if (!word.equals(ALLOW) && !word.equals(DENY)) throw new IllegalArgumentException(
                "'%s' is neither allow nor deny".formatted(word));
        return word.equals(ALLOW);
    }

    private static String word(boolean allow) {
        return allow ? ALLOW : DENY;
    }
}
