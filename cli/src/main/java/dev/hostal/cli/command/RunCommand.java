package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.cli.Attachment;
import dev.hostal.cli.Command;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `hostal run`: create, attach, start, pass on, wait.
public final class RunCommand implements Command {
    @Override public Usage usage() {
        var options = new ArrayList<Option>();
        options.add(flag("rm", "Delete the instance when it has ended."));
        options.add(flag('d', "detach", "Leave it running and print its name."));
        options.add(StartCommand.COLD);
        options.add(LetGo.OPTION);
        options.addAll(List.of(CreateOptions.options()));
        options.add(flag("debug", "Show the guest's console on standard error, and say more when something fails."));
        return Usage.of("run", "create an instance, start it, and be its program", """
                        Obtains the image where it is not in the store, creates an instance of it, starts it, passes
                        on what its program writes to standard output and standard error, and ends with the program's
                        exit status. COMMAND replaces the image's own command. Options end at the image's name: what
                        follows belongs to the command.

                        Without a terminal, Ctrl-C and SIGTERM are passed on to the program; a second Ctrl-C kills
                        it. With -it every key goes to the guest; Ctrl-P Ctrl-Q lets go of it and leaves it running.

                        A virtual machine starts from a checkpoint that was taken just before its command would run,
                        where an earlier run of the same image, size and hardware has left one. With --cold it boots.

                        Images come from the store, else from the registry that their name says, else, for tiny and
                        debian:RELEASE, from the distribution's own packages.""")
                .options(options.toArray(Option[]::new))
                .parameters(Parameter.one(CreateOptions.IMAGE, Parameter.Names.IMAGE),
                        Parameter.rest(CreateOptions.COMMAND))
                .example("hostal run --rm --vm debian:12 uname -a", "One program in a virtual machine of its own")
                .example("hostal run -it --rm --vm tiny", "A shell in the smallest guest")
                .example("hostal run -d --vm --init --name web debian:12",
                        "A machine with its own systemd, left running")
                .example("hostal run --rm --vm --arch aarch64 tiny uname -m", "A guest of another architecture")
                .example("tar c . | hostal run -i --rm --vm tiny wc -c", "A program in a pipe")
                .notes(ExecCommand.STATUSES);
    }

    @Override public boolean passesStatusOn() {
        return true;
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        boolean tty = arguments.has("tty");
        boolean stdin = arguments.has("interactive");
        boolean detach = arguments.has("detach");
        if (!detach) needTerminal(session, tty, stdin);
        var body = CreateOptions.body(arguments, session, arguments.has("rm"));
        var hostal = session.hostal();
        if (session.terminal().isError()) VersionCommand.hintAtOtherBuild(hostal.daemon(), session);
        try (var early = new EarlyInterrupt(session.signals())) {
            return run(arguments, session, body, Attachment.Wanted.program(stdin, tty), early);
        }
    }

    private static int run(Arguments arguments, Session session, CreateInstanceV1 body, Attachment.Wanted wanted,
            EarlyInterrupt early) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var id = operations.follow(Logins.tell(hostal, body.image(), session).create(body)).target();
        if (early.isHeard() || operations.isAskedToEnd()) {
            if (body.autoRemove()) ForegroundRun.removeQuietly(hostal, id, new IOException("interrupted"));
            return EarlyInterrupt.STATUS;
        }
        if (arguments.debug()) showConsole(session, hostal, id);
        if (!arguments.has("detach")) {
            return new ForegroundRun(session, hostal, id, body.autoRemove(), StartCommand.how(arguments), early)
                    .run(LetGo.by(arguments, wanted));
        }
        startOrRemove(hostal, operations, id, body.autoRemove(), StartCommand.how(arguments));
        if (arguments.json()) session.print(hostal.instance(id).toJson());
        else session.out().line(hostal.instance(id).name());
        return 0;
    }

    static void needTerminal(Session session, boolean tty, boolean stdin) {
        if (tty && stdin && !session.terminal().isInput()) {
            throw new UsageError("-i and -t together need a terminal as standard input.\nMaybe leave -t out.");
        }
    }

    private static void startOrRemove(Hostal hostal, Operations operations, String id, boolean remove,
            Map<String, String> how) throws IOException {
        try {
            operations.follow(hostal.act(id, "start", how));
        } catch (IOException failed) {
            if (remove) ForegroundRun.removeQuietly(hostal, id, failed);
            throw failed;
        }
    }

    /// Shows the console as it grows, on a thread that ends with the process.
    private static void showConsole(Session session, Hostal hostal, String id) {
        var console = new Thread(() -> {
            try {
                hostal.logs(id, Map.of("console", "true", "follow", "true"),
                        piece -> LogsCommand.write(session.err(), piece));
            } catch (IOException | UncheckedIOException _) {
                // Only a view: the program's own streams say what matters.
            }
        }, "console");
        console.setDaemon(true);
        console.start();
    }
}
