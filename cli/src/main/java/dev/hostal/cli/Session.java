package dev.hostal.cli;

import dev.hostal.cli.terminal.Signals;
import dev.hostal.cli.terminal.Terminal;
import dev.hostal.client.Hostal;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/// What a command has of the world.
///
/// @param home where the daemon of this user, and this command line, keep what lasts
/// @param launcher the program that this command line was started with; the daemon and `ssh` start it again
public record Session(
        InputStream in,
        Output out,
        Output err,
        Map<String, String> env,
        Terminal terminal,
        Signals signals,
        Connector connector,
        Clock clock,
        Path home,
        Path launcher) {
    /// The daemon, which is started where none answers.
    public Hostal hostal() throws IOException, InterruptedException {
        return connector.connect();
    }

    /// A message for the person, on standard error; advice and the like on further lines.
    public void say(String message) throws IOException {
        out.flush();
        for (var line : message.strip().split("\n")) {
            err.line("hostal: " + line.strip());
        }
        err.flush();
    }

    public void print(JsonObject json) throws IOException {
        out.line(json.toPrettyText());
    }

    public void print(List<JsonObject> objects) throws IOException {
        out.line(new Json.Array(objects.stream().map(Json::of).toList()).toPrettyText());
    }
}
