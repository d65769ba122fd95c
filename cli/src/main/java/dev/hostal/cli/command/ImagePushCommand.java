package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal image push`.
public final class ImagePushCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image push", "upload an image to its registry", """
                        Uploads to the registry that the reference names, or that TARGET names. What the registry has
                        already is not sent; what another of its repositories has is taken from there. An image that is
                        here for several architectures is pushed for all of them, under one index. Names and passwords are
                        those that `hostal login` or `docker login` keeps.""")
                .options(Platforms.ONLY_ARCH, Platforms.PLATFORM, Compressions.OF_PUSH)
                .parameters(Parameter.one("IMAGE", Parameter.Names.IMAGE),
                        Parameter.optional("TARGET", Parameter.Names.OTHER))
                .example("hostal image push tiny registry.example/team/tiny:1", "Under another name");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var target = arguments.findWord("TARGET").orElse(arguments.word("IMAGE"));
        var hostal = Logins.tell(session.hostal(), target, session);
        var pushed = new Operations(session, hostal).follow(hostal.push(arguments.word("IMAGE"),
                arguments.findWord("TARGET"), Platforms.of(arguments), arguments.find("compression")));
        if (arguments.json()) session.print(pushed.toJson());
        else session.out().line(target);
        return 0;
    }
}
