package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.OptionalInt;

/// `hostal port list`.
public final class PortListCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("port list", "list published ports", "Lists the ports of the host that lead to instances.")
                .parameters(Parameter.optional("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var wanted = arguments.findWord("INSTANCE");
        var ports = session.hostal().networks().ports().stream().filter(port -> wanted.isEmpty()
                || port.text("name").equals(wanted.get()) || port.text("instance").startsWith(wanted.get())).toList();
        if (arguments.json()) {
            session.print(ports);
            return 0;
        }
        var table = new Table("INSTANCE", "HOST", "GUEST", "PROTOCOL");
        for (var port : ports) {
            table.row(port.text("name"), NetworkOptions.host(port), NetworkOptions.range(port, "guestPort"),
                    port.text("protocol"));
        }
        table.print(session.out(), session.terminal().isOutput()
                ? session.terminal().columns() : OptionalInt.empty());
        return 0;
    }
}
