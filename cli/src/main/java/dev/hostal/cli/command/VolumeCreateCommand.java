package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.CreateVolumeV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;
import java.util.Map;

/// `hostal volume create`.
public final class VolumeCreateCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("volume create", "make a volume", """
                        Makes an empty volume. A volume of files can be used by any number of instances at once, and is as
                        large as what is in it. A block volume is a disk with a file system, for one instance at a time.""")
                .options(flag("block", "Make a disk instead of a folder of files."),
                        value("size", "SIZE", "Size of the disk, such as 1g; space is taken as it is used."),
                        value('l', "label", "NAME=VALUE", "Set a label.").repeated())
                .parameters(Parameter.optional("NAME", Parameter.Names.OTHER))
                .example("hostal volume create data", "Then: hostal run -v data:/var/lib/data debian:12")
                .example("hostal volume create --block --size 10g db", "A disk");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var size = arguments.bytes("size");
        if (arguments.has("block") && size.isEmpty()) throw new UsageError("--block needs --size SIZE");
        if (!arguments.has("block") && size.isPresent()) throw new UsageError(
                "--size goes with --block: a volume of files is as large as what is in it");
        var made = session.hostal().volumes().create(new CreateVolumeV1(arguments.findWord("NAME"), size,
                arguments.pairs("label", Map.of())));
        if (arguments.json()) session.print(made.toJson());
        else session.out().line(made.name());
        return 0;
    }
}
