package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.CreateSnapshotV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;
import java.util.Optional;

/// `hostal snapshot create`.
public final class SnapshotCreateCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("snapshot create", "take a snapshot of an instance", """
                        Keeps the instance's disk as it is at this instant, and prints the snapshot's name. The
                        instance may run: its file systems are brought in order for it where the guest can do that.

                        With --volumes, the volumes that are disks ('volume create --block') and that the virtual machine
                        mounts are kept as of the same instant, and go back with it. No other instance may mount them.

                        With --memory, memory and devices are kept too: restoring it goes on at exactly this instant,
                        with every program as it was. Where volumes are mounted that are disks it needs --volumes.""")
                .options(flag("memory", "Keep memory and devices too, of an instance that runs."),
                        flag("volumes", "Keep the volumes that are disks too."),
                        value("description", "TEXT", "What it is good for."))
                .parameters(SnapshotWords.INSTANCE, Parameter.optional("SNAPSHOT", Parameter.Names.OTHER))
                .example("hostal snapshot create web before-upgrade", "Something to go back to")
                .example("hostal snapshot create --memory web", "With every running program; its name is the time");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var ref = arguments.word("INSTANCE");
        var name = arguments.findWord("SNAPSHOT").orElseGet(() -> SnapshotWords.nameFor(session.clock()));
        var hostal = session.hostal();
        new Operations(session, hostal).follow(hostal.points().create(ref, new CreateSnapshotV1(Optional.of(name),
                arguments.find("description").orElse(""), arguments.has("memory"), arguments.has("volumes"))));
        if (arguments.json()) session.print(hostal.points().snapshot(ref, name).toJson());
        else session.out().line(name);
        return 0;
    }
}
