package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.ExecV1;
import dev.hostal.cli.Attachment;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.model.TerminalSize;
import java.io.IOException;

/// `hostal exec`.
public final class ExecCommand implements Command {
    /// Exit statuses of commands that pass on a program's own.
    static final String[] STATUSES = {
        "125  Hostal itself failed; the reason is on standard error.",
        "126  The program cannot be run.",
        "127  The program is not there.",
        "130  What was under way was cancelled by Ctrl-C.",
        "128+N  The program was ended by signal N.",
        "other  The program's own.",
    };

    @Override public Usage usage() {
        return Usage.of("exec", "run another program in a running instance", """
                        Runs a program beside the instance's own, passes on what it writes, and ends with its exit
                        status. Options end at the instance's name. Environment, user and folder not named are the
                        image's.

                        Without a terminal, Ctrl-C and SIGTERM are passed on to the program; a second Ctrl-C kills it.
                        With -it every key goes to the guest; Ctrl-P Ctrl-Q lets go, which ends the program.""")
                .options(flag('i', "interactive", "Pass standard input on."),
                        flag('t', "tty", "Give the program a terminal."),
                        value('e', "env", "NAME=VALUE", "Set an environment variable; NAME alone passes on this one's.")
                                .repeated(),
                        value("env-file", "FILE", "Read environment variables from a file, a NAME=VALUE a line.")
                                .repeated(),
                        value('u', "user", "USER[:GROUP]", "Run as this user of the guest."),
                        value('w', "workdir", "FOLDER", "Run in this folder of the guest."),
                        LetGo.OPTION)
                .parameters(Parameter.one("INSTANCE", Parameter.Names.INSTANCE), Parameter.rest("COMMAND"))
                .example("hostal exec -it web bash", "A shell")
                .example("hostal exec web systemctl is-system-running", "What the guest's systemd says")
                .notes(STATUSES);
    }

    @Override public boolean passesStatusOn() {
        return true;
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        boolean tty = arguments.has("tty");
        boolean stdin = arguments.has("interactive");
        RunCommand.needTerminal(session, tty, stdin);
        if (arguments.words("COMMAND").isEmpty()) {
            throw new UsageError("COMMAND is missing: hostal exec [OPTIONS] INSTANCE COMMAND [ARG...]");
        }
        var size = tty ? session.terminal().size() : new TerminalSize(0, 0);
        var body = new ExecV1(arguments.words("COMMAND"), CreateOptions.environment(arguments, session.env()),
                arguments.find("user"), arguments.find("workdir"), tty, stdin, size.columns(), size.rows());
        var name = arguments.word("INSTANCE");
        return Joined.to("the program in " + name, session, session.hostal().exec(name, body),
                LetGo.by(arguments, Attachment.Wanted.program(stdin, tty)));
    }
}
