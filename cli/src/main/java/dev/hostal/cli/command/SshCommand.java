package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.ssh.GuestSsh;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `hostal ssh`.
public final class SshCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("ssh", "log in to a guest by SSH", """
                        Runs the system's OpenSSH with the guest at its other end, by way of the daemon: no address and
                        no published port is needed. Hostal has a key pair of its own and puts its public key into the
                        guest; each instance has its own known host key. A guest without an SSH server is better
                        served by 'hostal exec -it INSTANCE sh'. Options end at the instance's name.""")
                .options(value('l', "login", "USER", "Log in as this user; root where none is given."),
                        flag('A', "forward-agent", "Let the guest use this computer's SSH agent."))
                .parameters(Parameter.one("[USER@]INSTANCE", Parameter.Names.INSTANCE), Parameter.rest("COMMAND"))
                .example("hostal ssh web", "A shell")
                .example("hostal ssh debian@web sudo apt-get update", "One command, as another user")
                .notes("125  Hostal itself failed; the reason is on standard error.",
                        "255  OpenSSH failed.",
                        "other  The command's own.");
    }

    @Override public boolean passesStatusOn() {
        return true;
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var target = arguments.word("[USER@]INSTANCE");
        int at = target.indexOf('@');
        var user = at > 0 ? target.substring(0, at) : arguments.find("login").orElse("root");
        var hostal = session.hostal();
        var instance = hostal.instance(target.substring(at + 1));
        var ssh = new GuestSsh(session, hostal, session.home().resolve("ssh"));
        ssh.prepare(instance, user);
        var options = new ArrayList<String>();
        if (arguments.has("forward-agent")) options.add("-A");
        if (session.terminal().isInput() && arguments.words("COMMAND").isEmpty()) options.add("-t");
        return ssh.run(instance, user, options, List.copyOf(arguments.words("COMMAND")));
    }
}
