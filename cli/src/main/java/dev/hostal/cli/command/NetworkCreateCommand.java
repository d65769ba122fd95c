package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import dev.hostal.model.NetworkSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// `hostal network create`.
public final class NetworkCreateCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network create", "make a network", """
                        Makes a network for virtual machines and containers alike. A nat network has a way out through the
                        host's address; an isolated one has none. What is not said is chosen.
                        Where the daemon is not root there are networks of kind user, for virtual machines.""")
                .options(value("kind", "KIND", "What it is; nat where nothing is said.")
                                .oneOf(List.of("nat", "isolated", "bridged", "user")),
                        flag("internal", "The same as --kind isolated."),
                        value("subnet", "SUBNET", "Its subnet, such as 10.1.2.0/24 or fd00:1::/64; at most one of each.")
                                .repeated(),
                        value("gateway", "ADDRESS", """
                                The host's address in a given subnet, or that of the router of a bridged network; the subnet's
                                first where nothing is said.""").repeated(),
                        value("ip-range", "SUBNET", "Part of the IPv4 subnet in which addresses are chosen."),
                        value("parent", "INTERFACE", "Interface of the host, of a bridged network."),
                        value("mtu", "BYTES", "Largest packet; that of the host's way out where nothing is said."),
                        flag("isolated-ports", "Let its guests reach the gateway, and not each other."),
                        value('l', "label", "NAME=VALUE", "Set a label.").repeated())
                .parameters(Parameter.one("NAME", Parameter.Names.OTHER))
                .example("hostal network create lab", "Then: hostal run --network lab debian:12");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var body = new JsonObject().put("name", arguments.word("NAME"));
        body.put("kind", arguments.find("kind").orElse(arguments.has("internal") ? "isolated" : "nat"));
        for (var subnet : arguments.all("subnet")) {
            var family = subnet.contains(":") ? "ipv6" : "ipv4";
            if (body.has(family)) throw new UsageError("--subnet: a network has one subnet of each family");
            body.put(family, subnet);
        }
        for (var gateway : arguments.all("gateway")) {
            var family = gateway.contains(":") ? "gateway6" : "gateway4";
            if (body.has(family)) throw new UsageError("--gateway: a network has one gateway of each family");
            body.put(family, gateway);
        }
        body.putIfPresent("range", arguments.find("ip-range")).putIfPresent("parent", arguments.find("parent"));
        var mtu = arguments.count("mtu", NetworkSpec.MTU_MIN, NetworkSpec.MTU_MAX);
        if (mtu.isPresent()) body.put("mtu", mtu.getAsInt());
        body.put("isolatedPorts", arguments.has("isolated-ports")).putTexts("labels", arguments.pairs("label", Map.of()));
        var made = session.hostal().networks().create(body);
        if (arguments.json()) session.print(made);
        else session.out().line(made.text("name"));
        return 0;
    }
}
