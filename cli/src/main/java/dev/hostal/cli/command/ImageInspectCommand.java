package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal image inspect`.
public final class ImageInspectCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image inspect", "print everything that is known of an image", """
                        Prints a JSON object: the image as the list has it, the architectures for which its name is here,
                        its layers and history, and its manifest and config as they are stored.""")
                .options(Platforms.ARCH, Platforms.PLATFORM)
                .parameters(Parameter.one("IMAGE", Parameter.Names.IMAGE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        session.print(session.hostal().image(arguments.word("IMAGE"), Platforms.of(arguments)).toJson());
        return 0;
    }
}
