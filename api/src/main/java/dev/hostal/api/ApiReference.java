package dev.hostal.api;

import java.util.Locale;
import java.util.stream.Collectors;

/// The reference of the API for people, printed from the same tables as [OpenApi].
public final class ApiReference {
    private ApiReference() {}

    /// Markdown.
    public static String text() {
        var text = new StringBuilder("""
                # The REST API

                Printed from the table of routes; do not edit. The same for programs: [openapi.json](openapi.json), which the
                daemon serves at `/v1/openapi.json`.

                The daemon listens on a Unix socket, `run/hostal.sock` in its home (as root `/run/hostal/hostal.sock`), and
                serves root, its own user, and the members of the group that it was given. Try it:

                    curl --unix-socket /run/hostal/hostal.sock http://hostal/v1/instances

                - Bodies are JSON, at most 1 MiB. An unknown member or query parameter is an error that names the nearest
                  known one.
                - A reply of 400 and above has an [Error](#error) as its body; the codes are in [errors.md](errors.md).
                - Members are added to objects in time, never renamed and never given another meaning: ignore those that you
                  do not know.
                - What takes time answers 202 with an [Operation](#operation); follow it at `/v1/operations/{id}/events`.
                - A stream that is silent carries something every 15 seconds (a comment in server-sent events, an empty line
                  in a log, a pong in a WebSocket), so that both sides see whether the other is there.

                ## Routes

                """);
        Routes.ROUTES.forEach(route -> text.append(route(route)));
        text.append(channels()).append("## Objects\n\n");
        Schemas.ALL.forEach(schema -> text.append(schema(schema)));
        return text.toString().stripTrailing() + "\n";
    }

    private static String route(Route route) {
        var text = new StringBuilder("### `%s %s`\n\n%s\n\n".formatted(route.method(), route.path(), route.summary()));
        if (route.form() != Route.Form.CHANNELS) {
            Bodies.request(route).ifPresent(schema -> text.append("Takes: ").append(link(schema.name())).append(".\n\n"));
        }
        if (route.name().equals("instanceWrite")) text.append("Takes: `%s`.\n\n".formatted(Bodies.TAR));
        text.append("Gives: ").append(gives(route)).append("\n\n");
        for (var name : route.query()) {
            var parameter = Parameters.named(name);
            text.append("- `?%s=` %s%s\n".formatted(name, parameter.text(), parameter.required() ? " Must be given." : ""));
        }
        return route.query().isEmpty() ? text.toString() : text.append("\n").toString();
    }

    private static String gives(Route route) {
        return switch (route.form()) {
            case OPERATION -> "202 and an " + link("Operation") + ".";
            case NOTHING -> "204.";
            case CHANNELS -> "101, a [WebSocket](#websockets)." + Bodies.request(route)
                    .map(schema -> " The first message says what to run: `{\"exec\": …}` with an " + link(schema.name()) + ".")
                    .orElse("");
            case JSON, EVENTS, STREAM -> "200 and `" + Bodies.reply(route).type() + "`" + Bodies.reply(route).schema()
                    .map(schema -> ": " + link(schema.name())).orElse("") + ".";
        };
    }

    private static String channels() {
        return """
                ## WebSockets

                Programs, consoles and connections are joined by a WebSocket of the sub-protocol `%s`. Every message is binary,
                at most %d bytes long, and begins with one byte:

                | Byte | From | What follows |
                | --- | --- | --- |
                | %d | client | bytes for standard input; none: its end |
                | %d | daemon | bytes of standard output, or of the terminal, the console or the connection |
                | %d | daemon | bytes of standard error |
                | %d | both | a JSON object |

                Objects from the client: `{"exec": …}` first on `exec`; `{"resize": {"columns": n, "rows": n}}`;
                `{"signal": "TERM"}`. From the daemon: `{"started": true}`, when the program is joined; `{"exit": n}` or
                `{"error": …}` last, after which it closes. Whoever does not read holds the other side up; nothing is lost and
                nothing is piled up. When the client goes, a program of `exec` gets SIGHUP; an instance's own program runs on.

                """.formatted(Channels.PROTOCOL, Channels.MESSAGE_MAX, Channels.STDIN, Channels.STDOUT, Channels.STDERR,
                Channels.CONTROL);
    }

    private static String schema(Schema schema) {
        var rows = schema.members().stream().map(member -> "| `%s` | %s | %s | %s |\n".formatted(member.name(),
                type(member.type()), member.required() ? "yes" : "", member.text())).collect(Collectors.joining());
        var text = schema.text().isEmpty() ? "" : schema.text() + "\n\n";
        return "### %s\n\n%s| Member | Type | Always | |\n| --- | --- | --- | --- |\n%s\n".formatted(schema.name(), text, rows);
    }

    private static String type(String type) {
        if (type.endsWith("[]")) return "array of " + type(type.substring(0, type.length() - 2));
        if (type.endsWith("{}")) return "object of " + type(type.substring(0, type.length() - 2));
        return Character.isUpperCase(type.charAt(0)) ? link(type) : type;
    }

    private static String link(String schema) {
        return "[%s](#%s)".formatted(schema, schema.toLowerCase(Locale.ROOT));
    }
}
