package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `hostal network reserve`.
public final class NetworkReserveCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network reserve", "keep addresses for an instance's name", """
                        Keeps addresses of a network for instances of one name, whether there is one or not: one that is
                        connected gets exactly these, and nobody else is given them. What is not said stays as it is kept,
                        is what the instance of that name has, or is chosen. An instance that is connected already keeps
                        what it has until it is detached and attached. 'network show' shows what is kept.""")
                .options(value("ip", "ADDRESS", "IPv4 address."), value("ip6", "ADDRESS", "IPv6 address."),
                        value("mac", "ADDRESS", "MAC address; where none is kept each instance has its own."))
                .parameters(Parameter.one("NETWORK", Parameter.Names.OTHER), Parameter.one("NAME", Parameter.Names.INSTANCE))
                .example("hostal network reserve lab db --ip 10.1.2.10", "Then: hostal run --name db --network lab debian:12");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var body = new JsonObject().putIfPresent("ipv4", arguments.find("ip")).putIfPresent("ipv6", arguments.find("ip6"))
                .putIfPresent("mac", arguments.find("mac"));
        var kept = session.hostal().networks().reserve(arguments.word("NETWORK"), arguments.word("NAME"), body);
        if (arguments.json()) session.print(kept);
        else session.out().line(Stream.of("ipv4", "ipv6", "mac").flatMap(member -> kept.findText(member).stream())
                .collect(Collectors.joining(" ")));
        return 0;
    }
}
