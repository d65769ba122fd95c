package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;

/// `hostal image tag`.
public final class ImageTagCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image tag", "give an image another name too", """
                        Afterwards NAME is the same image as IMAGE, for every architecture for which that is here. Another
                        image that had the name loses it.""")
                .parameters(Parameter.one("IMAGE", Parameter.Names.IMAGE), Parameter.one("NAME", Parameter.Names.OTHER))
                .example("hostal image tag tiny registry.example/team/tiny:1", "So that it can be pushed there");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var name = arguments.word("NAME");
        session.hostal().tag(arguments.word("IMAGE"), name);
        if (arguments.json()) session.print(new JsonObject().put("name", name));
        else session.out().line(name);
        return 0;
    }
}
