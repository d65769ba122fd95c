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

/// `hostal volume delete`.
public final class VolumeDeleteCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("volume delete", "delete volumes with what is in them", """
                        Deletes each volume. One that an instance needs, running or not, is refused.""")
                .parameters(Parameter.some("VOLUME", Parameter.Names.VOLUME));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var ended = new ArrayList<JsonObject>();
        int status = EachInstance.of(arguments.words("VOLUME"), session, hostal.volumes()::delete, (ref, operation) -> {
            var last = operations.follow(operation);
            if (arguments.json()) ended.add(last.toJson());
            else session.out().line(ref);
        });
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }
}
