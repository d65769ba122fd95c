package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.OptionalInt;

/// `hostal network list`.
public final class NetworkListCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("network list", "list networks", "Lists every network with its subnets.")
                .options(flag('q', "quiet", "Print names only."));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var networks = session.hostal().networks().list();
        if (arguments.json()) {
            session.print(networks);
            return 0;
        }
        if (arguments.has("quiet")) {
            for (var network : networks) session.out().line(network.text("name"));
            return 0;
        }
        var table = new Table("NAME", "KIND", "IPV4", "IPV6", "NICS", "CREATED");
        for (var network : networks) {
            table.row(network.text("name"), network.text("kind"), network.findText("ipv4").orElse("-"),
                    network.findText("ipv6").orElse("-"), Long.toString(network.integer("nics")),
                    Human.age(network.text("createdAt"), session.clock()) + " ago");
        }
        table.print(session.out(), session.terminal().isOutput()
                ? session.terminal().columns() : OptionalInt.empty());
        return 0;
    }
}
