package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;

/// `hostal image import`.
public final class ImageImportCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image import", "make an image of a root file system's tar", """
                        Takes a tar archive of a root file system, plain or compressed with gzip or zstd, and keeps it as
                        an image of one layer. COMMAND is what it runs by default.""")
                .options(Platforms.ARCH, Platforms.PLATFORM,
                        value('c', "change", "INSTRUCTION", "Of a Dockerfile: CMD, ENTRYPOINT, ENV, USER, WORKDIR, STOPSIGNAL.")
                                .repeated(),
                        value('e', "env", "NAME=VALUE", "Environment of what runs in it.").repeated(),
                        value('u', "user", "USER", "User of what runs in it."),
                        value('w', "workdir", "PATH", "Working directory of what runs in it."))
                .parameters(Parameter.one("TAR", Parameter.Names.FILE), Parameter.one("IMAGE", Parameter.Names.OTHER),
                        Parameter.rest("COMMAND"))
                .example("hostal image import rootfs.tar.gz mine:1 /bin/sh", "From a file; - reads standard input");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var program = new JsonObject().putTexts("command", arguments.words("COMMAND"))
                .putTexts("env", env(arguments, session))
                .putIfPresent("user", arguments.find("user")).putIfPresent("workdir", arguments.find("workdir"));
        var changes = arguments.all("change");
        if (!changes.isEmpty()) program.putTexts("changes", changes);
        var query = new TreeMap<String, String>();
        query.put("name", arguments.word("IMAGE"));
        query.put("program", program.toText());
        Platforms.of(arguments).ifPresent(arch -> query.put("arch", arch));
        var hostal = session.hostal();
        try (var archive = SentArchive.open(arguments.word("TAR"), session)) {
            var image = hostal.importImage(archive, query);
            archive.end();
            if (arguments.json()) session.print(image.toJson());
            else session.out().line(arguments.word("IMAGE"));
        }
        return 0;
    }

    private static List<String> env(Arguments arguments, Session session) {
        return arguments.pairs("env", session.env()).entrySet().stream()
                .map(pair -> pair.getKey() + "=" + pair.getValue()).toList();
    }
}
