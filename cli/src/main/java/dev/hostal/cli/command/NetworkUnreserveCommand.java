package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal network unreserve`.
public final class NetworkUnreserveCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network unreserve", "keep addresses for a name no longer", """
                        Keeps the addresses of a network no longer for instances of a name. An instance that has them goes on
                        with them.""")
                .parameters(Parameter.one("NETWORK", Parameter.Names.OTHER), Parameter.one("NAME", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        session.hostal().networks().unreserve(arguments.word("NETWORK"), arguments.word("NAME"));
        return 0;
    }
}
