package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.NicV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal network attach`.
public final class NetworkAttachCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network attach", "give an instance one more NIC", """
                        Attaches a NIC in a network to an instance; where it runs, at once.""")
                .options(value("ip", "ADDRESS", "Its IPv4 or IPv6 address; chosen where none is given.").repeated(),
                        value("mac", "ADDRESS", "Its MAC address."),
                        value("alias", "NAME", "One more name of the instance in that network.").repeated(),
                        value("group", "GROUP", "Security group that it is in.").repeated())
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE), Parameter.one("NETWORK", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var nic = NetworkOptions.nic(arguments.word("NETWORK"), arguments.all("ip"), arguments.find("mac"),
                arguments.all("alias"), arguments.all("group"));
        var made = session.hostal().networks().attach(arguments.word("INSTANCE"), NicV1.toJson(nic));
        if (arguments.json()) session.print(made);
        else session.out().line(made.text("mac"));
        return 0;
    }
}
