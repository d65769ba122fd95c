package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal image pull`.
public final class ImagePullCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image pull", "obtain an image", """
                        Asks the registry that the reference names, by Docker Hub's rules for short names, else, for
                        tiny and debian:RELEASE, makes it from the distribution's own packages.""")
                .options(Platforms.ARCH, Platforms.PLATFORM)
                .parameters(Parameter.one("IMAGE", Parameter.Names.IMAGE))
                .example("hostal image pull --arch aarch64 debian:12", "For a guest of another architecture");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = Logins.tell(session.hostal(), arguments.word("IMAGE"), session);
        var arch = Platforms.of(arguments);
        var pulled = new Operations(session, hostal).follow(hostal.pull(arguments.word("IMAGE"), arch));
        if (arguments.json()) session.print(pulled.toJson());
        else session.out().line(arguments.word("IMAGE"));
        return 0;
    }
}
