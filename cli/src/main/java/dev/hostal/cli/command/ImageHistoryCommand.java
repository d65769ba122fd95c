package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.OptionalInt;

/// `hostal image history`.
public final class ImageHistoryCommand implements Command {
    /// Chosen: the beginning of a step says what it is.
    private static final int STEP_LENGTH = 60;

    @Override public Usage usage() {
        return Usage.of("image history", "list the steps that made an image", """
                        Lists the steps as the image's config tells them, newest first, with the size of the layer that
                        each left.""")
                .options(Platforms.ARCH, Platforms.PLATFORM, Option.flag("no-trunc", "Do not shorten the steps."))
                .parameters(Parameter.one("IMAGE", Parameter.Names.IMAGE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var details = session.hostal().image(arguments.word("IMAGE"), Platforms.of(arguments));
        if (arguments.json()) {
            session.print(details.toJson().objects("history"));
            return 0;
        }
        var table = new Table("CREATED", "SIZE", "STEP", "COMMENT");
        for (var step : details.history().reversed()) {
            var text = step.createdBy().replaceAll("\\s+", " ").strip();
            boolean cut = !arguments.has("no-trunc") && text.length() > STEP_LENGTH;
            table.row(step.createdAt().map(time -> Human.age(time, session.clock()) + " ago").orElse("-"),
                    Human.size(step.size()), cut ? text.substring(0, STEP_LENGTH - 1) + "…" : text,
                    step.comment().orElse(""));
        }
        table.print(session.out(), session.terminal().isOutput() && !arguments.has("no-trunc")
                ? session.terminal().columns() : OptionalInt.empty());
        return 0;
    }
}
