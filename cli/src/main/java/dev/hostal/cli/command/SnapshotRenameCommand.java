package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;
import java.util.Optional;

/// `hostal snapshot rename`.
public final class SnapshotRenameCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("snapshot rename", "give a snapshot another name", "Renames a snapshot; its content stays as it is.")
                .options(value("description", "TEXT", "Describe it anew, too."))
                .parameters(SnapshotWords.INSTANCE, SnapshotWords.SNAPSHOT,
                        Parameter.one("NAME", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var renamed = session.hostal().points().rename(arguments.word("INSTANCE"), arguments.word("SNAPSHOT"),
                Optional.of(arguments.word("NAME")), arguments.find("description"));
        if (arguments.json()) session.print(renamed.toJson());
        else session.out().line(renamed.name());
        return 0;
    }
}
