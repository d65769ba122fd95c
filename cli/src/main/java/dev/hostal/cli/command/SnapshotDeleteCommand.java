package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `hostal snapshot delete`.
public final class SnapshotDeleteCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("snapshot delete", "delete snapshots of an instance", """
                        Deletes each snapshot, wherever it stands in the tree. The instance and its other snapshots
                        keep their content; what only the deleted ones needed is given back.""")
                .parameters(SnapshotWords.INSTANCE, Parameter.some("SNAPSHOT", Parameter.Names.SNAPSHOT));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var ref = arguments.word("INSTANCE");
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var ended = new ArrayList<JsonObject>();
        int status = EachInstance.of(arguments.words("SNAPSHOT"), session, name -> hostal.points().delete(ref, name),
                (name, operation) -> {
                    var last = operations.follow(operation);
                    if (arguments.json()) ended.add(last.toJson());
                    else session.out().line(name);
                });
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }
}
