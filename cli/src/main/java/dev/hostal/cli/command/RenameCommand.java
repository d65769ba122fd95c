package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal rename`.
public final class RenameCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("rename", "give an instance another name", """
                        Renames an instance, running or not. Its id stays.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE),
                        Parameter.one("NAME", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var renamed = session.hostal().rename(arguments.word("INSTANCE"), arguments.word("NAME"));
        if (arguments.json()) session.print(renamed.toJson());
        else session.out().line(renamed.name());
        return 0;
    }
}
