package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.EventV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Output;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;

/// `hostal events`.
public final class EventsCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("events", "show what happens, as it happens", """
                        Prints an event a line until it is ended by Ctrl-C. With --json, an object a line.""")
                .options(value("after", "NUMBER", "Begin after this event, with those of the past that are kept."),
                        value("type", "TYPE", "Only events of this type, such as instance.phase."),
                        value("subject", "ID", "Only events about this instance, image or operation."),
                        value("limit", "COUNT", "End after so many."))
                .example("hostal events --after 0", "From the oldest event that is kept");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var query = new LinkedHashMap<String, String>();
        for (var name : new String[] {"after", "type", "subject"}) {
            arguments.find(name).ifPresent(value -> query.put(name, value));
        }
        long limit = arguments.count("limit", 1, Integer.MAX_VALUE).orElse(Integer.MAX_VALUE);
        var seen = new long[1];
        try {
            session.hostal().events(query, event -> {
                print(session.out(), arguments.json() ? event.toJson().toText() : line(event));
                return ++seen[0] < limit;
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (seen[0] < limit) {
            throw new IOException("The daemon went away.\nMaybe begin anew; --after takes up where this ended.");
        }
        return 0;
    }

    private static String line(EventV1 event) {
        var text = new StringBuilder("%s  %-22s %s".formatted(event.time(), event.type(),
                Human.brief(event.subject())));
        event.attributes().forEach((name, value) -> text.append("  ").append(name).append('=').append(value));
        return text.toString();
    }

    private static void print(Output out, String line) {
        try {
            out.line(line);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
