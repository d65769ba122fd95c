package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import java.io.IOException;

/// `hostal image prune`.
public final class ImagePruneCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image prune", "remove images that nothing needs", """
                        Removes images that have lost their names and that no instance was created from; with --all also
                        those that have names.""")
                .options(flag('a', "all", "Every image that no instance was created from."));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var pruned = session.hostal().pruneImages(arguments.has("all"));
        if (arguments.json()) {
            session.print(pruned.toJson());
            return 0;
        }
        for (var name : pruned.images()) {
            session.out().line(name);
        }
        session.say("%d images removed, %s freed".formatted(pruned.images().size(), Human.size(pruned.freed())));
        return 0;
    }
}
