package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal operation cancel`.
public final class OperationCancelCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("operation cancel", "ask operations to end early", """
                        Asks each operation to end early; what it did is undone. One that has ended is left as it
                        is.""")
                .parameters(Parameter.some("OPERATION", Parameter.Names.OPERATION));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        return EachInstance.of(arguments.words("OPERATION"), session, id -> {
            hostal.cancel(id);
            return id;
        }, (_, id) -> session.out().line(id));
    }
}
