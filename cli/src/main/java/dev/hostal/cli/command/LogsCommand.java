package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Output;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Times;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;

/// `hostal logs`.
public final class LogsCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("logs", "show what an instance wrote", """
                        Prints what the instance's program wrote, to standard output and standard error as it was
                        written; with --console what its console showed. Logs are kept across starts and rotated, so
                        the oldest part of a long log may be gone.""")
                .options(flag('f', "follow", "Go on until the instance stops."),
                        flag("console", "The console: firmware, kernel, login prompt."),
                        value('n', "tail", "LINES", "Only the last lines; all is all of them."),
                        value("since", "TIME", "Only what came since, such as 2026-11-23T20:00:00Z, 2026-11-23, or 10m for ten minutes ago."),
                        value("until", "TIME", "Only what came before, given in the same way."),
                        flag('T', "timestamps", "Begin each line with its time."))
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE))
                .example("hostal logs -f web", "Everything so far, and what comes")
                .example("hostal logs --console --tail 20 web", "The end of the boot messages");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var query = new LinkedHashMap<String, String>();
        if (arguments.has("console")) query.put("console", "true");
        if (arguments.has("follow")) query.put("follow", "true");
        if (!arguments.find("tail").equals(Optional.of("all"))) {
            arguments.count("tail", 0, Integer.MAX_VALUE).ifPresent(lines -> query.put("tail", String.valueOf(lines)));
        }
        arguments.find("since").ifPresent(time -> query.put("since", Times.parse("since", time, session.clock()).toString()));
        arguments.find("until").ifPresent(time -> query.put("until", Times.parse("until", time, session.clock()).toString()));
        var lines = arguments.has("timestamps") ? Optional.of(new TimedLines()) : Optional.<TimedLines>empty();
        try {
            session.hostal().logs(arguments.word("INSTANCE"), query, piece -> {
                if (arguments.json()) writeLine(session.out(), piece.toText());
                else write(piece.text("stream").equals("stderr") ? session.err() : session.out(), piece, lines);
            });
            return 0;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    static void write(Output output, JsonObject piece) {
        write(output, piece, Optional.empty());
    }

    private static void write(Output output, JsonObject piece, Optional<TimedLines> lines) {
        try {
            var bytes = Base64.getDecoder().decode(piece.text("data").getBytes(StandardCharsets.ISO_8859_1));
            var shown = lines.isEmpty() ? bytes : lines.get().of(piece.text("stream"), piece.text("time"), bytes);
            output.write(shown, 0, shown.length);
            output.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeLine(Output output, String line) {
        try {
            output.line(line);
            output.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
