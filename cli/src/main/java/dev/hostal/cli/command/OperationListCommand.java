package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.api.OperationV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.OptionalInt;

/// `hostal operation list`.
public final class OperationListCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("operation list", "list what is under way and what ended lately", """
                        Lists the operations that are under way, and the last ones that ended.""")
                .options(flag("running", "Only those under way."));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var operations = session.hostal().operations().stream()
                .filter(operation -> operation.isRunning() || !arguments.has("running"))
                .toList();
        if (arguments.json()) {
            session.print(operations.stream().map(OperationV1::toJson).toList());
            return 0;
        }
        var table = new Table("ID", "VERB", "TARGET", "STATUS", "STAGE", "BEGAN");
        for (var one : operations) {
            table.row(one.id(), one.verb(), Human.brief(one.target()), one.status(), one.stage(),
                    Human.age(one.createdAt(), session.clock()) + " ago");
        }
        table.print(session.out(), session.terminal().isOutput() ? session.terminal().columns() : OptionalInt.empty());
        return 0;
    }
}
