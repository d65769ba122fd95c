package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import java.io.IOException;

/// `hostal logout`.
public final class LogoutCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("logout", "forget what a registry knows you by", """
                        Removes the login from docker's config.json, or from the credential helper that it names.
                        REGISTRY is Docker Hub where none is given.""")
                .parameters(Parameter.optional("REGISTRY", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var registry = LoginCommand.registry(arguments.findWord("REGISTRY").orElse(ImageReference.DOCKER_HUB));
        boolean known = Logins.of(session).erase(registry);
        if (arguments.json()) session.print(new JsonObject().put("registry", registry).put("known", known));
        else if (known) session.out().line(registry);
        if (!known) session.say("There was no login for %s".formatted(registry));
        return 0;
    }
}
