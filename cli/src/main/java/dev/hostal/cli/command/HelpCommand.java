package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Commands;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Manual;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;

/// `hostal help`.
public final class HelpCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("help", "list the commands, or print a command's manual", """
                        Lists all commands; with a command's name, prints its manual, as --help after it does.""")
                .parameters(Parameter.any("COMMAND", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException {
        var words = arguments.words("COMMAND");
        if (words.isEmpty()) {
            session.out().text(Commands.overview(""));
            return 0;
        }
        var found = Commands.find(words);
        if (found.isPresent()) {
            session.out().text(Manual.of(Commands.usage(found.get().name()), Commands.aliases(found.get().name())));
        } else if (Commands.isGroup(words.getFirst())) {
            session.out().text(Commands.overview(words.getFirst() + " "));
        } else {
            throw new UsageError(Commands.unknown(words));
        }
        return 0;
    }
}
