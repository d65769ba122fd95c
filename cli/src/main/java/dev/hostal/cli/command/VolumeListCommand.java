package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.VolumeV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.TreeMap;

/// `hostal volume list`.
public final class VolumeListCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("volume list", "list volumes, and who uses them", "Lists every volume with the instances that need it.")
                .options(flag('q', "quiet", "Print names only."),
                        value('l', "label", "NAME[=VALUE]", "Only volumes with this label."));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var query = new TreeMap<String, String>();
        arguments.find("label").ifPresent(label -> query.put("label", label));
        var volumes = session.hostal().volumes().list(query);
        if (arguments.json()) {
            session.print(volumes.stream().map(VolumeV1::toJson).toList());
            return 0;
        }
        if (arguments.has("quiet")) {
            for (var volume : volumes) {
                session.out().line(volume.name());
            }
            return 0;
        }
        var table = new Table("NAME", "KIND", "SOURCE", "USED BY", "CREATED");
        for (var volume : volumes) {
            var kind = volume.kind() + (volume.size().isPresent() ? " " + Human.size(volume.size().getAsLong()) : "")
                    + (volume.readOnly() ? " (snapshot)" : "");
            table.row(volume.name(), kind, volume.source().orElse("-"),
                    volume.users().isEmpty() ? "-" : String.join(", ", volume.users()),
                    Human.age(volume.createdAt(), session.clock()) + " ago");
        }
        table.print(session.out(), session.terminal().isOutput()
                ? session.terminal().columns() : OptionalInt.empty());
        return 0;
    }
}
