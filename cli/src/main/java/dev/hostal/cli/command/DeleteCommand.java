package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

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

/// `hostal delete`.
public final class DeleteCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("delete", "delete instances with their disks", """
                        Deletes each instance: its disk, its logs and its name. One that runs is refused without
                        --force.""")
                .options(flag('f', "force", "Kill it first where it runs."))
                .parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var ended = new ArrayList<JsonObject>();
        int status = EachInstance.of(arguments.words("INSTANCE"), session,
                ref -> hostal.delete(ref, arguments.has("force")),
                (ref, operation) -> {
                    var last = operations.follow(operation);
                    if (arguments.json()) ended.add(last.toJson());
                    else session.out().line(ref);
                });
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }
}
