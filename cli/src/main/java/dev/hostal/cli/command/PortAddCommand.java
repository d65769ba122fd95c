package dev.hostal.cli.command;

import dev.hostal.api.PublishedPortV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `hostal port add`.
public final class PortAddCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("port add", "publish ports of an instance", """
                        Makes ports of the host lead to those of an instance, at once where it runs. Without an address they
                        are loopback's, of both families; without a port of the host a free one is chosen and printed.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE), Parameter.some("PORT", Parameter.Names.OTHER))
                .example("hostal port add web 8080:80", "The host's loopback port 8080")
                .example("hostal port add dns 0.0.0.0:53:53/udp", "Every address of the host");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var networks = session.hostal().networks();
        var made = new ArrayList<JsonObject>();
        for (var text : arguments.words("PORT")) {
            var port = networks.publish(arguments.word("INSTANCE"), PublishedPortV1.toJson(NetworkOptions.port(text)));
            if (arguments.json()) made.add(port);
            else session.out().line(NetworkOptions.told(port));
        }
        if (arguments.json()) session.print(List.copyOf(made));
        return 0;
    }
}
