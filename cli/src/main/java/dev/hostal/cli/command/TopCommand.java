package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.OptionalInt;

/// `hostal top`.
public final class TopCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("top", "show what runs in an instance", """
                        Lists the processes of a running instance: of a container with the host's numbers, of a virtual
                        machine with the guest's.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var all = session.hostal().upkeep().processes(arguments.word("INSTANCE"));
        if (arguments.json()) {
            session.print(all.toJson());
            return 0;
        }
        var table = new Table("PID", "PPID", "STATE", "TIME", "COMMAND");
        for (var one : all.processes()) {
            table.row(String.valueOf(one.pid()), String.valueOf(one.parent()), one.state(), one.time(), one.command());
        }
        table.print(session.out(), session.terminal().isOutput()
                ? session.terminal().columns() : OptionalInt.empty());
        return 0;
    }
}
