package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// `hostal stop`, `kill`, `restart`, `pause`, `resume`, `suspend` and `flatten`: a verb, and the instances that it is for.
public final class ActCommand implements Command {
    private static final Option TIMEOUT =
            value('t', "timeout", "SECONDS", "How long the guest is asked before it is killed.");
    private static final int SECONDS_MAX = 3600;

    private final String verb;

    public ActCommand(String verb) {
        this.verb = verb;
    }

    @Override public Usage usage() {
        return about().parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE));
    }

    private Usage about() {
        return switch (verb) {
            case "stop" -> Usage.of(verb, "ask instances to end, then kill them", """
                    Asks each guest to end, by its init or by a signal to its program, and kills it when it has not
                    ended in time. Asking for what is so already succeeds.""")
                    .options(TIMEOUT)
                    .example("hostal stop --timeout 60 web db", "Two at once, with patience");
            case "kill" -> Usage.of(verb, "end instances at once, or send a signal", """
                    Sends a signal to each instance's program. KILL, the default, ends the machine at once: the guest
                    is not asked.""")
                    .options(value('s', "signal", "NAME", "The signal, such as HUP; KILL is the default."))
                    .example("hostal kill -s HUP web", "Let the program read its configuration again");
            case "restart" -> Usage.of(verb, "stop instances and start them again", """
                    Asks each guest to end, kills it when it has not ended in time, and starts it again.""")
                    .options(TIMEOUT);
            case "pause" -> Usage.of(verb, "freeze instances", """
                    Stops each guest's processors where they are. Memory and connections are kept.""");
            case "resume" -> Usage.of(verb, "let frozen instances go on", """
                    Lets the processors of paused guests run on.""");
            case "suspend" -> Usage.of(verb, "put instances to sleep on disk", """
                    Keeps each guest's memory and devices on disk, compressed, and gives the host's memory back.
                    'hostal start' goes on exactly there, also after the host was restarted.""")
                    .example("hostal suspend web && hostal start web", "Sleep, and go on");
            case "flatten" -> Usage.of(verb, "free linked clones from what they lie over", """
                    Copies into each instance's disk what it shares with another one. Afterwards the other one may be
                    deleted. The instance may run meanwhile.""");
            default -> throw new IllegalStateException(verb);
        };
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var query = new LinkedHashMap<String, String>();
        arguments.count("timeout", 0, SECONDS_MAX).ifPresent(seconds -> query.put("timeout", String.valueOf(seconds)));
        arguments.find("signal").ifPresent(signal -> query.put("signal", signal));
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var ended = new ArrayList<JsonObject>();
        int status = EachInstance.of(arguments.words("INSTANCE"), session, ref -> hostal.act(ref, verb, query),
                (ref, operation) -> {
                    var last = operations.follow(operation);
                    if (arguments.json()) ended.add(last.toJson());
                    else session.out().line(ref);
                });
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }
}
