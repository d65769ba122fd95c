package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import java.io.IOException;

/// `hostal volume prune`.
public final class VolumePruneCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("volume prune", "remove volumes that nothing needs", """
                        Removes nameless volumes that no instance needs; with --all also those that have names.""")
                .options(flag('a', "all", "Every volume that no instance needs."));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var pruned = session.hostal().volumes().prune(arguments.has("all"));
        if (arguments.json()) {
            session.print(pruned);
            return 0;
        }
        for (var name : pruned.texts("volumes")) {
            session.out().line(name);
        }
        session.say("%d volumes removed, %s freed".formatted(pruned.texts("volumes").size(),
                Human.size(pruned.integer("freed"))));
        return 0;
    }
}
