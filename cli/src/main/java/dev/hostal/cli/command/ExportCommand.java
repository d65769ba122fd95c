package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal export`.
public final class ExportCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("export", "write an instance's files into an archive", """
                        Writes the root file system of an instance as a tar archive, which 'hostal image import' takes.
                        What is mounted in it is left out. A virtual machine has to run for it. The file appears under its
                        name when it is whole.""")
                .options(value('o', "output", "FILE", "The file to write; standard output where none is given."))
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE))
                .example("hostal export web -o web.tar", "To a file");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        return ReceivedArchive.write(session.hostal().upkeep().root(arguments.word("INSTANCE")), arguments, session);
    }
}
