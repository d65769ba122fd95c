package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Attachment;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `hostal start`.
public final class StartCommand implements Command {
    static final Option COLD = flag("cold", "Boot, even where a checkpoint could be gone on from.");

    /// The query of `start` that the options ask for.
    static Map<String, String> how(Arguments arguments) {
        return arguments.has(COLD.name()) ? Map.of("cold", "true") : Map.of();
    }

    @Override public Usage usage() {
        return Usage.of("start", "start instances", """
                        Starts each instance and prints its name once it runs. Asking for what is so already succeeds.

                        With --attach it stays and passes on what the program writes, as 'hostal run' does, and ends
                        with its exit status.""")
                .options(flag('a', "attach", "Stay, and be the instance's program."), LetGo.OPTION, COLD)
                .parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE))
                .example("hostal start web db", "Two at once");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var refs = arguments.words("INSTANCE");
        var hostal = session.hostal();
        if (arguments.has("attach")) {
            if (refs.size() > 1) throw new UsageError("--attach: only one instance can be attached to");
            var instance = hostal.instance(refs.getFirst());
            RunCommand.needTerminal(session, instance.tty(), instance.stdin());
            try (var early = new EarlyInterrupt(session.signals())) {
                return new ForegroundRun(session, hostal, instance.id(), instance.autoRemove(), how(arguments), early)
                        .run(LetGo.by(arguments, Attachment.Wanted.program(instance.stdin(), instance.tty())));
            }
        }
        var operations = new Operations(session, hostal);
        var ended = new ArrayList<JsonObject>();
        int status = EachInstance.of(refs, session, ref -> hostal.act(ref, "start", how(arguments)), (ref, operation) -> {
            var last = operations.follow(operation);
            if (arguments.json()) ended.add(last.toJson());
            else session.out().line(ref);
        });
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }
}
