package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal volume export`.
public final class VolumeExportCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("volume export", "write a volume into an archive", """
                        Writes the files of a volume as a tar archive, or the disk of a block volume as it is. The file
                        appears under its name when it is whole.""")
                .options(value('o', "output", "FILE", "The file to write; standard output where none is given."))
                .parameters(Parameter.one("VOLUME", Parameter.Names.VOLUME))
                .example("hostal volume export data -o data.tar", "To a file");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        return ReceivedArchive.write(session.hostal().volumes().export(arguments.word("VOLUME")), arguments, session);
    }
}
