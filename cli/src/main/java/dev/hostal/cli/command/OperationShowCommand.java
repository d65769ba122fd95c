package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal operation show`.
public final class OperationShowCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("operation show", "show an operation, or follow it to its end", """
                        Prints how far an operation is and how it ended.""")
                .options(flag('f', "follow", "Show its progress until it has ended."))
                .parameters(Parameter.one("OPERATION", Parameter.Names.OPERATION));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var operation = hostal.operation(arguments.word("OPERATION"));
        if (arguments.has("follow")) operation = new Operations(session, hostal).watch(operation);
        if (arguments.json()) {
            session.print(operation.toJson());
            return 0;
        }
        session.out().line("Id      " + operation.id());
        session.out().line("Verb    " + operation.verb());
        session.out().line("Target  " + operation.target());
        session.out().line("Status  " + operation.status());
        if (!operation.stage().isEmpty()) session.out().line("Stage   " + operation.stage());
        session.out().line("Began   " + operation.createdAt());
        if (operation.endedAt().isPresent()) session.out().line("Ended   " + operation.endedAt().get());
        if (operation.error().isPresent()) {
            session.out().line("Error   " + operation.error().get().message().replace("\n", "\n        "));
        }
        return 0;
    }
}
