package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal image delete`.
public final class ImageDeleteCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image delete", "forget images", """
                        Forgets each reference; the content goes when nothing else needs it. An image that an instance
                        needs is refused.""")
                .parameters(Parameter.some("IMAGE", Parameter.Names.IMAGE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        return EachInstance.of(arguments.words("IMAGE"), session, reference -> {
            hostal.deleteImage(reference);
            return reference;
        }, (_, reference) -> session.out().line(reference));
    }
}
