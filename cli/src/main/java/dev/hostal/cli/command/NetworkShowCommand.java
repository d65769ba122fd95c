package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `hostal network show`.
public final class NetworkShowCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network show", "print everything that is known of networks",
                        "Prints a JSON object for each network.")
                .parameters(Parameter.some("NETWORK", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var networks = session.hostal().networks();
        var shown = new ArrayList<JsonObject>();
        int status = EachInstance.of(arguments.words("NETWORK"), session, networks::get,
                (_, network) -> shown.add(network));
        session.print(List.copyOf(shown));
        return status;
    }
}
