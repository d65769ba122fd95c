package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `hostal volume show`.
public final class VolumeShowCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("volume show", "print everything that is known of volumes", """
                        Prints a JSON object for each volume: its kind, what it takes on the disk, its labels, and the
                        instances that need it.""")
                .parameters(Parameter.some("VOLUME", Parameter.Names.VOLUME));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var volumes = session.hostal().volumes();
        var shown = new ArrayList<JsonObject>();
        int status = EachInstance.of(arguments.words("VOLUME"), session, volumes::get,
                (_, volume) -> shown.add(volume.toJson()));
        session.print(List.copyOf(shown));
        return status;
    }
}
