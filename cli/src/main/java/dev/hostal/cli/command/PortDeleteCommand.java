package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;

/// `hostal port delete`.
public final class PortDeleteCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("port delete", "publish ports no longer", """
                        Takes back published ports of an instance, named by the port of the host: 8080, 8080/udp, or with
                        its address as 'port list' prints it.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE), Parameter.some("PORT", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var networks = session.hostal().networks();
        var ref = arguments.word("INSTANCE");
        for (var text : arguments.words("PORT")) {
            var found = networks.ports().stream().filter(port -> port.text("name").equals(ref)
                    || port.text("instance").startsWith(ref)).filter(port -> NetworkOptions.isCalled(port, text)).toList();
            if (found.isEmpty()) throw new UsageError("instance %s publishes no port %s".formatted(ref, text));
            for (var port : found) networks.unpublish(port.text("id"));
        }
        return 0;
    }
}
