package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;

/// `hostal prune`.
public final class PruneCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("prune", "delete every instance that does not run", """
                        Deletes instances that are stopped or failed, with their disks and logs, and prints their names.
                        What its restart policy is about to start again stays.""")
                .options(Option.flag('f', "force", "Accepted for docker's sake; nothing is asked."));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var gone = session.hostal().upkeep().prune();
        if (arguments.json()) {
            session.print(new JsonObject().putTexts("instances", gone));
        } else {
            for (var name : gone) {
                session.out().line(name);
            }
        }
        return 0;
    }
}
