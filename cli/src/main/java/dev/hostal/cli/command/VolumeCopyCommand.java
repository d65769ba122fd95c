package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.CreateVolumeV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;

/// `hostal volume snapshot` and `hostal volume clone`.
public final class VolumeCopyCommand implements Command {
    private final String verb;

    /// @param verb `snapshot` or `clone`
    public VolumeCopyCommand(String verb) {
        this.verb = verb;
    }

    @Override public Usage usage() {
        boolean snapshot = verb.equals("snapshot");
        return Usage.of("volume " + verb, snapshot ? "keep what is in a volume now" : "copy a volume", (snapshot ? """
                        Makes a volume with the content that another has now, to which nobody writes; a clone of it brings
                        the content back.""" : "Makes a volume with the content that another, or a snapshot, has now.")
                        + """
                         The file system shares the bytes between both where it can, which takes no time; elsewhere they
                        are copied. What instances write meanwhile may be in it or not: stop or pause them first.""")
                .options(value('l', "label", "NAME=VALUE", "Set a label.").repeated())
                .parameters(Parameter.one("VOLUME", Parameter.Names.VOLUME),
                        Parameter.optional("NAME", Parameter.Names.OTHER))
                .example("hostal volume %s data data-%s".formatted(verb, snapshot ? "monday" : "2"), "");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var begun = hostal.volumes().copy(arguments.word("VOLUME"), verb, new CreateVolumeV1(arguments.findWord("NAME"),
                OptionalLong.empty(), arguments.pairs("label", Map.of())));
        var ended = new Operations(session, hostal).follow(begun);
        if (arguments.json()) {
            session.print(ended.toJson());
        } else {
            session.out().line(hostal.volumes().get(ended.target()).name());
            session.say(ended.stage());
        }
        return 0;
    }
}
