package dev.hostal.cli.command;

import dev.hostal.api.DaemonV1;
import dev.hostal.api.Version;
import dev.hostal.cli.Build;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;

/// `hostal version`.
public final class VersionCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("version", "print the versions of the command line and the daemon", """
                        Prints the version and build of this command line, and of the daemon where one runs.""");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException {
        var running = session.connector().running();
        var client = new JsonObject().put("version", Version.TEXT).put("build", Build.id());
        if (arguments.json()) {
            var both = new JsonObject().put("client", Json.of(client));
            if (running.isPresent()) both.put("daemon", Json.of(running.get().daemon().toJson()));
            session.print(both);
            return 0;
        }
        session.out().line("hostal  %s, build %s, Java %s".formatted(Version.TEXT, Build.id(),
                Runtime.version().feature()));
        if (running.isEmpty()) {
            session.out().line("daemon  does not run");
        } else {
            var daemon = running.get().daemon();
            session.out().line("daemon  %s, build %s".formatted(daemon.version(), daemon.build()));
            hintAtOtherBuild(daemon, session);
        }
        return 0;
    }

    /// A daemon of another build goes on until somebody restarts it: guests do not mind either way.
    static void hintAtOtherBuild(DaemonV1 daemon, Session session) throws IOException {
        if (!daemon.build().equals(Build.id())) {
            session.say("""
                    The daemon is of another build than this command.
                    Maybe 'hostal daemon restart'; guests run on.""");
        }
    }
}
