package dev.hostal.cli.command;

import dev.hostal.cli.Attachment;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;

/// `hostal connect-stdio`: standard input and output as a TCP connection to a port of the guest. For OpenSSH's
/// ProxyCommand.
public final class ConnectStdioCommand implements Command {
    private static final int PORT_MAX = 65535;

    @Override public Usage usage() {
        return Usage.of("connect-stdio", "join standard input and output to a port of the guest", """
                        Passes bytes between this process and a TCP port of the guest's loopback, until one of them
                        ends.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE),
                        Parameter.one("PORT", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        int port = port(arguments.word("PORT"));
        try (var streams = session.hostal().connect(arguments.word("INSTANCE"), port)) {
            var attachment = new Attachment(session, streams, Attachment.Wanted.line(false), () -> {});
            attachment.begin();
            attachment.receive();
            return 0;
        }
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= PORT_MAX) return port;
        } catch (NumberFormatException _) {
            // Falls through to the one message.
        }
        throw new UsageError("'%s' is not a port from 1 to %d".formatted(text, PORT_MAX));
    }
}
