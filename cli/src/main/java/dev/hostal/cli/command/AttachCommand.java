package dev.hostal.cli.command;

import dev.hostal.cli.Attachment;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;

/// `hostal attach`.
public final class AttachCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("attach", "join the program of a running instance", """
                        Passes on what the instance's own program writes from now on, and, where it was created with
                        -i, what comes on standard input; ends with its exit status. Ctrl-P Ctrl-Q lets go of a program
                        with a terminal.""")
                .options(Option.flag("no-stdin", "Pass nothing on from standard input."), LetGo.OPTION)
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE))
                .notes(ExecCommand.STATUSES);
    }

    @Override public boolean passesStatusOn() {
        return true;
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var name = arguments.word("INSTANCE");
        var hostal = session.hostal();
        var instance = hostal.instance(name);
        if (!instance.phase().equals("running") && !instance.phase().equals("paused")) {
            throw new UsageError("%s is %s: there is no program to join.\nMaybe 'hostal start -a %s' starts it."
                    .formatted(instance.name(), instance.phase(), instance.name()));
        }
        boolean stdin = instance.stdin() && !arguments.has("no-stdin");
        return Joined.to("the program of " + instance.name(), session, hostal.attach(name),
                LetGo.by(arguments, Attachment.Wanted.program(stdin, instance.tty())));
    }
}
