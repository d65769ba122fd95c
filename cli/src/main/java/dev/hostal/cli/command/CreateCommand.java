package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal create`.
public final class CreateCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("create", "create an instance without starting it", """
                        Obtains the image where it is not in the store, creates an instance of it, and prints its name.

                        COMMAND replaces the image's own command. Options end at the image's name: what follows
                        belongs to the command.""")
                .options(CreateOptions.options())
                .parameters(Parameter.one(CreateOptions.IMAGE, Parameter.Names.IMAGE),
                        Parameter.rest(CreateOptions.COMMAND))
                .example("hostal create --vm --name web --memory 1g debian:12", "A Debian that is started later");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var body = CreateOptions.body(arguments, session, false);
        var hostal = session.hostal();
        if (session.terminal().isError()) VersionCommand.hintAtOtherBuild(hostal.daemon(), session);
        var operation = new Operations(session, hostal).follow(
                Logins.tell(hostal, body.image(), session).create(body));
        var instance = hostal.instance(operation.target());
        if (arguments.json()) session.print(instance.toJson());
        else session.out().line(instance.name());
        return 0;
    }
}
