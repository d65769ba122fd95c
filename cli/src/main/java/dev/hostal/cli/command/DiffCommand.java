package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;
import java.util.Locale;

/// `hostal diff`.
public final class DiffCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("diff", "show what a container has changed of its image", """
                        Prints a line a path: A what was added, C what was changed, D what was deleted. It may run or
                        not.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var all = session.hostal().upkeep().changes(arguments.word("INSTANCE"));
        if (arguments.json()) {
            session.print(all);
            return 0;
        }
        for (var change : all.objects("changes")) {
            session.out().line(change.text("sort").substring(0, 1).toUpperCase(Locale.ROOT) + " " + change.text("path"));
        }
        return 0;
    }
}
