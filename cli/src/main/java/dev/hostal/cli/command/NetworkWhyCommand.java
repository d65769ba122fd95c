package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Pattern;

/// `hostal network why`.
public final class NetworkWhyCommand implements Command {
    private static final Pattern TARGET =
            Pattern.compile("(?<name>[^:\\[\\]]+|\\[[0-9a-fA-F:.]+])(?::(?<port>\\d{1,5}))?(?:/(?<protocol>\\w+))?");

    @Override public Usage usage() {
        return Usage.of("network why", "tell which rule decides about a connection", """
                        Tells whether the first packet of a connection arrives, and which rule decides. An end is an
                        instance, 'host', or an address outside. Ends with 1 where it does not arrive.""")
                .options(flag("probe", "Send a real packet, too, and tell what became of it."))
                .parameters(Parameter.some("END", Parameter.Names.INSTANCE))
                .example("hostal network why web db:5432", "From web to port 5432 of db")
                .example("hostal network why --probe 'web -> db:53/udp'", "Other protocols: /udp, /icmp");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var ends = new ArrayList<String>();
        for (var word : arguments.words("END")) {
            for (var part : word.trim().split("\\s*->\\s*|\\s+")) {
                if (!part.isEmpty()) ends.add(part);
            }
        }
        if (ends.size() != 2) throw new UsageError("a way has two ends, such as: web db:5432");
        var target = TARGET.matcher(ends.get(1));
        if (!target.matches()) {
            throw new UsageError("'%s' is not an end such as db:5432 or [fd00::1]:53/udp".formatted(ends.get(1)));
        }
        var protocol = Optional.ofNullable(target.group("protocol"))
                .orElse(target.group("port") == null ? "icmp" : "tcp");
        int port = target.group("port") == null ? 0 : Integer.parseInt(target.group("port"));
        var told = session.hostal().networks().reach(ends.get(0), target.group("name").replaceAll("[\\[\\]]", ""), protocol, port,
                arguments.has("probe"));
        if (arguments.json()) {
            session.print(told);
        } else {
            session.out().line("%s: %s".formatted(told.bool("allowed") ? "allowed" : "denied", told.text("because")));
            if (told.has("probed")) session.out().line("probe: " + told.text("probed"));
        }
        return told.bool("arrived", told.bool("allowed")) ? 0 : 1;
    }
}
