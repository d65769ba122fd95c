package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.CloneV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// `hostal clone`.
public final class CloneCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("clone", "make a new instance of another's disk", """
                        Makes a new instance with the disk of another one as it is now, running or not, or as it was
                        at a snapshot, and prints its name. The clone gets an identity of its own: MAC, host name,
                        machine-id and SSH host keys.

                        With --linked nothing is copied: the clone's disk lies over the original's, which then cannot
                        be deleted before 'hostal flatten' has freed the clone from it.""")
                .options(flag("linked", "Copy nothing; share what is the same."),
                        value("snapshot", "SNAPSHOT", "Clone this snapshot; SOURCE/SNAPSHOT says the same."),
                        flag("same-identity", "Keep MAC, host name, machine-id and SSH host keys."),
                        flag("start", "Start it."))
                .parameters(Parameter.one("SOURCE", Parameter.Names.INSTANCE),
                        Parameter.optional("NAME", Parameter.Names.OTHER))
                .example("hostal clone web web2", "A copy with an identity of its own")
                .example("hostal clone --linked --start web/before-upgrade trial", "At once, whatever the disk's size");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var source = arguments.word("SOURCE");
        int slash = source.indexOf('/');
        if (slash >= 0 && arguments.has("snapshot")) throw new UsageError("--snapshot: SOURCE names a snapshot already");
        var snapshot = slash < 0 ? arguments.find("snapshot") : Optional.of(source.substring(slash + 1));
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var body = new CloneV1(arguments.findWord("NAME"), snapshot, arguments.has("linked"), arguments.has("same-identity"));
        var id = operations.follow(hostal.points().clone(slash < 0 ? source : source.substring(0, slash), body))
                .results().getFirst();
        if (arguments.has("start")) operations.follow(hostal.act(id, "start", Map.of()));
        if (arguments.json()) session.print(hostal.instance(id).toJson());
        else session.out().line(hostal.instance(id).name());
        return 0;
    }
}
