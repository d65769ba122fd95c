package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.cli.view.Table;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// `hostal group create`, `list`, `show`, `allow`, `deny`, `revoke`, `attach`, `detach` and `delete`.
public final class GroupCommand implements Command {
    private static final Parameter GROUP = Parameter.one("GROUP", Parameter.Names.OTHER);

    private final String verb;

    public GroupCommand(String verb) {
        this.verb = verb;
    }

    @Override public Usage usage() {
        return switch (verb) {
            case "create" -> Usage.of("group create", "make a security group", """
                    Makes a security group without rules. A NIC that is put into it receives what a rule allows, and
                    sends what no rule denies; --in allow and --out deny turn that round.""")
                    .options(value("in", "allow|deny", "What becomes of what no rule names and comes in: deny, unless said."),
                            value("out", "allow|deny", "The same of what goes out: allow, unless said."))
                    .parameters(GROUP);
            case "list" -> Usage.of("group list", "list security groups", "Lists every security group.")
                    .options(flag('q', "quiet", "Print the names only."));
            case "show" -> Usage.of("group show", "list the rules of a security group",
                    "Lists the rules of a security group with their numbers.").parameters(GROUP);
            case "allow", "deny" -> Usage.of("group " + verb, verb + " a kind of connection", """
                    Adds a rule to a security group, which holds for every NIC in it from then on. Connections that are
                    established go on. What one rule denies, no other allows.""")
                    .options(value("peer", "PEER", "Whom it is about: any, an address, a subnet, group:NAME or label:KEY=VALUE."))
                    .parameters(GROUP, Parameter.one("DIRECTION", Parameter.Names.OTHER),
                            Parameter.optional("PROTOCOL", Parameter.Names.OTHER))
                    .example("hostal group %s db in tcp:5432 --peer group:web".formatted(verb), "From the NICs of another group");
            case "revoke" -> Usage.of("group revoke", "remove rules from a security group",
                    "Removes rules by the numbers that 'group show' prints.")
                    .parameters(GROUP, Parameter.some("RULE", Parameter.Names.OTHER));
            case "attach", "detach" -> Usage.of("group " + verb, (verb.equals("attach") ? "put a NIC into" : "take a NIC from")
                    + " a security group", """
                    %s, whether its instance runs or not.""".formatted(verb.equals("attach")
                            ? "Puts a NIC under the rules of a security group" : "Takes a NIC from a security group"))
                    .options(value("network", "NETWORK", "Which NIC, by its network or MAC address; all where none is named."))
                    .parameters(GROUP, Parameter.one("INSTANCE", Parameter.Names.INSTANCE));
            case "delete" -> Usage.of("group delete", "delete security groups",
                    "Deletes security groups that no NIC is in and no other group's rule is about.")
                    .parameters(Parameter.some("GROUP", Parameter.Names.OTHER));
            default -> throw new IllegalStateException(verb);
        };
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        return switch (verb) {
            case "create" -> create(arguments, session);
            case "list" -> list(arguments, session);
            case "show" -> show(arguments, session);
            case "allow", "deny" -> rule(arguments, session);
            case "revoke" -> revoke(arguments, session);
            case "attach", "detach" -> put(arguments, session);
            case "delete" -> EachInstance.of(arguments.words("GROUP"), session, name -> {
                session.hostal().networks().deleteGroup(name);
                return name;
            }, (name, _) -> session.out().line(name));
            default -> throw new IllegalStateException(verb);
        };
    }

    private static int create(Arguments arguments, Session session) throws IOException, InterruptedException {
        var made = session.hostal().networks().createGroup(new JsonObject().put("name", arguments.word("GROUP"))
                .putIfPresent("in", arguments.find("in")).putIfPresent("out", arguments.find("out")));
        if (arguments.json()) session.print(made);
        else session.out().line(made.text("name"));
        return 0;
    }

    private static int list(Arguments arguments, Session session) throws IOException, InterruptedException {
        var groups = session.hostal().networks().groups();
        if (arguments.json()) {
            session.print(groups);
            return 0;
        }
        var table = new Table("GROUP", "IN", "OUT", "RULES");
        for (var group : groups) {
            if (arguments.has("quiet")) session.out().line(group.text("name"));
            table.row(group.text("name"), group.text("in"), group.text("out"), Integer.toString(group.objects("rules").size()));
        }
        if (!arguments.has("quiet")) print(table, session);
        return 0;
    }

    private static int show(Arguments arguments, Session session) throws IOException, InterruptedException {
        var group = session.hostal().networks().group(arguments.word("GROUP"));
        if (arguments.json()) {
            session.print(group);
            return 0;
        }
        var table = new Table("RULE", "ACTION", "DIRECTION", "PROTOCOL", "PORTS", "PEER");
        for (var rule : group.objects("rules")) {
            var ports = rule.text("ports");
            table.row(Long.toString(rule.integer("id")), rule.text("action"), rule.text("direction"), rule.text("protocol"),
                    ports.isEmpty() ? "-" : ports, rule.text("peer"));
        }
        table.row("-", group.text("in"), "in", "any", "-", "any");
        table.row("-", group.text("out"), "out", "any", "-", "any");
        print(table, session);
        return 0;
    }

    private int rule(Arguments arguments, Session session) throws IOException, InterruptedException {
        var direction = arguments.word("DIRECTION");
        if (!direction.equals("in") && !direction.equals("out")) throw new UsageError(
                "'%s' is no direction: in or out".formatted(direction));
        var protocol = arguments.findWord("PROTOCOL").orElse("any");
        int colon = protocol.indexOf(':');
        var rule = new JsonObject().put("action", verb).put("direction", direction)
                .put("protocol", colon < 0 ? protocol : protocol.substring(0, colon))
                .put("ports", colon < 0 ? "" : protocol.substring(colon + 1))
                .put("peer", arguments.find("peer").orElse("any"));
        var group = session.hostal().networks().addRule(arguments.word("GROUP"), rule);
        var rules = group.objects("rules");
        if (arguments.json()) session.print(group);
        else session.out().line(Long.toString(rules.getLast().integer("id")));
        return 0;
    }

    private static int revoke(Arguments arguments, Session session) throws IOException, InterruptedException {
        var group = arguments.word("GROUP");
        return EachInstance.of(arguments.words("RULE"), session, rule -> {
            session.hostal().networks().deleteRule(group, rule);
            return rule;
        }, (rule, _) -> session.out().line(rule));
    }

    private int put(Arguments arguments, Session session) throws IOException, InterruptedException {
        var networks = session.hostal().networks();
        var group = arguments.word("GROUP");
        var ref = arguments.word("INSTANCE");
        var wanted = arguments.find("network");
        var nics = networks.nics(ref).stream().filter(nic -> wanted.isEmpty() || nic.text("network").equals(wanted.get())
                || nic.text("mac").equals(wanted.get())).toList();
        if (nics.isEmpty()) throw new UsageError("instance %s has no such NIC".formatted(ref));
        for (var nic : nics) {
            var groups = new ArrayList<>(nic.texts("groups"));
            groups.remove(group);
            if (verb.equals("attach")) groups.add(group);
            networks.putIntoGroups(ref, nic.text("mac"), List.copyOf(groups));
        }
        return 0;
    }

    private static void print(Table table, Session session) throws IOException {
        table.print(session.out(), session.terminal().isOutput() ? session.terminal().columns() : OptionalInt.empty());
    }
}
