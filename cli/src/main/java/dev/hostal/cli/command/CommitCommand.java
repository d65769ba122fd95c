package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import java.io.IOException;

/// `hostal commit`.
public final class CommitCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("commit", "make an image of a container", """
                        Makes IMAGE of the container's image and what it has written over that, with the command, the
                        environment, the user, the folder and the labels that it was created with. What is mounted in it is
                        left out. It may run or not; one that runs stands still meanwhile.""")
                .options(value('a', "author", "NAME", "Who made it."),
                        value('c', "change", "INSTRUCTION", "Of a Dockerfile, for the image's configuration.").repeated(),
                        value('m', "message", "TEXT", "Why, in the image's history."),
                        value('p', "pause", "BOOL", "false: it runs on while it is read."))
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE), Parameter.one("IMAGE", Parameter.Names.OTHER))
                .example("hostal commit web web:patched -m 'after the update'", "What a container has become");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var body = new JsonObject().put("image", arguments.word("IMAGE"))
                .putIfPresent("author", arguments.find("author")).putIfPresent("comment", arguments.find("message"));
        var changes = arguments.all("change");
        if (!changes.isEmpty()) body.putTexts("changes", changes);
        var pause = arguments.find("pause");
        if (pause.isPresent()) body.put("pause", bool(pause.get()));
        var image = session.hostal().upkeep().commit(arguments.word("INSTANCE"), body);
        if (arguments.json()) session.print(image.toJson());
        else session.out().line(arguments.word("IMAGE"));
        return 0;
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new UsageError("--pause is true or false, not '%s'".formatted(text));
        };
    }
}
