package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal snapshot restore`.
public final class SnapshotRestoreCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("snapshot restore", "go back to a snapshot", """
                        Makes the instance go on from the snapshot. One with memory runs on from its instant at once;
                        one of the disks alone waits to be started. What the instance has written since its last
                        snapshot is given up: take one first to keep it. Other snapshots stay as they are.

                        A running instance is refused a snapshot without memory unless --force says that its machine
                        may be ended for it; it is then started again.""")
                .options(flag('f', "force", "End its machine first where it runs."))
                .parameters(SnapshotWords.INSTANCE, SnapshotWords.SNAPSHOT)
                .example("hostal snapshot restore web before-upgrade", "As it was");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var ref = arguments.word("INSTANCE");
        var hostal = session.hostal();
        new Operations(session, hostal).follow(hostal.points().restore(ref, arguments.word("SNAPSHOT"),
                arguments.has("force")));
        if (arguments.json()) session.print(hostal.instance(ref).toJson());
        else session.out().line(ref);
        return 0;
    }
}
