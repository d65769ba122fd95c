package dev.hostal.cli.command;

import dev.hostal.cli.Attachment;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal console`.
public final class ConsoleCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("console", "join the console of a running instance", """
                        Joins the guest's serial console: what firmware, kernel and a login prompt write, and keys to
                        them. Ctrl-] lets go. What was written before is in 'hostal logs --console'.""")
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var name = arguments.word("INSTANCE");
        var streams = session.hostal().console(name);
        if (session.terminal().isInput()) session.say("The console of %s; Ctrl-] lets go of it.".formatted(name));
        try (streams) {
            // A serial line has no size that could be told to it; keys go one by one all the same.
            var attachment = new Attachment(session, streams,
                    Attachment.Wanted.line(session.terminal().isInput()), () -> {});
            attachment.begin();
            if (attachment.receive() instanceof Attachment.Outcome.Closed) {
                session.say("The console of %s has ended.".formatted(name));
            }
            return 0;
        }
    }
}
