package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal volume import`.
public final class VolumeImportCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("volume import", "unpack an archive into a volume", """
                        Unpacks a tar archive, or a folder, over the files of a volume, with owners, modes and times.""")
                .parameters(Parameter.one("VOLUME", Parameter.Names.VOLUME), Parameter.one("TAR", Parameter.Names.FILE))
                .example("hostal volume import data data.tar", "From a file; - reads standard input");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var volumes = session.hostal().volumes();
        try (var archive = SentArchive.open(arguments.word("TAR"), session)) {
            volumes.importTar(arguments.word("VOLUME"), archive);
            archive.end();
        }
        var volume = volumes.get(arguments.word("VOLUME"));
        if (arguments.json()) session.print(volume.toJson());
        else session.out().line(volume.name());
        return 0;
    }
}
