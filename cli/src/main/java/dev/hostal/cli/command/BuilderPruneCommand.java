package dev.hostal.cli.command;

import dev.hostal.api.PrunedV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import java.io.IOException;
import java.util.List;

/// `hostal builder prune`.
public final class BuilderPruneCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("builder prune", "forget what former builds have left", """
                Forgets the steps of former builds, and deletes what cache mounts hold that no build uses now. Images stay.""");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        long freed = session.hostal().builds().prune();
        if (arguments.json()) session.print(new PrunedV1(List.of(), freed).toJson());
        else session.out().line("Freed " + Human.size(freed));
        return 0;
    }
}
