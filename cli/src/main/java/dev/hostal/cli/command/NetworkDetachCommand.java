package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal network detach`.
public final class NetworkDetachCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network detach", "take a NIC from an instance", """
                        Detaches the NIC that an instance has in a network, or that has a MAC address.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE), Parameter.one("NETWORK", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        session.hostal().networks().detach(arguments.word("INSTANCE"), arguments.word("NETWORK"));
        return 0;
    }
}
