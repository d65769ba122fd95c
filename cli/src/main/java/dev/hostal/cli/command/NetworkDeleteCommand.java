package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal network delete`.
public final class NetworkDeleteCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network delete", "delete networks",
                        "Deletes each network. One that an instance is in, running or not, is refused.")
                .parameters(Parameter.some("NETWORK", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var networks = session.hostal().networks();
        return EachInstance.of(arguments.words("NETWORK"), session, name -> {
            networks.delete(name);
            return name;
        }, (name, _) -> session.out().line(name));
    }
}
