package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.DaemonV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.List;

/// `hostal daemon start`, `stop`, `restart`, `status` and `log`. The daemon also starts by itself when a command needs
/// it; `hostal daemon run`, which is the daemon itself, is the launcher's.
public final class DaemonCommand implements Command {
    /// Exit status of `status` where no daemon runs. Source: LSB, init script actions.
    private static final int NOT_RUNNING = 3;

    private final String verb;

    public DaemonCommand(String verb) {
        this.verb = verb;
    }

    @Override public Usage usage() {
        return switch (verb) {
            case "start" -> Usage.of("daemon start", "start the daemon", """
                    Starts the daemon, unless it runs. Other commands do that by themselves. 'hostal daemon run' is
                    the daemon itself, in the foreground, for a service of the system.""")
                    .options(flag("simulate", "Simulated instances instead of real ones, for trying and for tests."));
            case "stop" -> Usage.of("daemon stop", "end the daemon; guests run on", """
                    Ends the daemon. Guests run on, and are found again when it starts.""");
            case "restart" -> Usage.of("daemon restart", "end the daemon and start it again", """
                    Ends the daemon and starts it again, such as after a new build. Guests run on.""");
            case "status" -> Usage.of("daemon status", "say whether the daemon runs, and where", """
                    Prints the daemon's pid, socket, home and versions.""")
                    .notes("0  It runs.", "3  It does not run.");
            case "log" -> Usage.of("daemon log", "show what the daemon wrote", """
                    Prints the end of the daemon's log.""")
                    .options(value('n', "tail", "LINES", "So many lines; 100 where none is given."));
            default -> throw new IllegalStateException(verb);
        };
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var daemon = session.connector();
        return switch (verb) {
            case "start" -> {
                daemon.start(arguments.has("simulate") ? List.of("--simulate") : List.of());
                yield status(arguments, session);
            }
            case "stop" -> {
                daemon.stop();
                yield 0;
            }
            case "restart" -> {
                daemon.stop();
                daemon.start(List.of());
                yield status(arguments, session);
            }
            case "status" -> status(arguments, session);
            case "log" -> {
                for (var line : daemon.logTail(arguments.count("tail", 1, 10_000).orElse(100))) {
                    session.out().line(line);
                }
                yield 0;
            }
            default -> throw new IllegalStateException(verb);
        };
    }

    private static int status(Arguments arguments, Session session) throws IOException {
        var running = session.connector().running();
        if (running.isEmpty()) {
            if (arguments.json()) session.print(new JsonObject().put("running", false));
            else session.out().line("The daemon does not run. The next command that needs it starts it.");
            return NOT_RUNNING;
        }
        var daemon = running.get().daemon();
        if (arguments.json()) {
            session.print(daemon.toJson().put("running", true));
        } else {
            print(daemon, session);
        }
        return 0;
    }

    private static void print(DaemonV1 daemon, Session session) throws IOException {
        session.out().line("Pid      " + daemon.pid());
        session.out().line("Socket   " + daemon.socket());
        session.out().line("Home     " + daemon.home());
        session.out().line("Driver   " + daemon.driver());
        session.out().line("Version  " + daemon.version() + ", build " + daemon.build());
        session.out().line("Started  " + daemon.startedAt() + ", "
                + Human.age(daemon.startedAt(), session.clock()) + " ago");
        VersionCommand.hintAtOtherBuild(daemon, session);
    }
}
