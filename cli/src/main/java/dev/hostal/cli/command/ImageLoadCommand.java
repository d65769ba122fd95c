package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.ImageV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// `hostal image load`.
public final class ImageLoadCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image load", "take in the images of an archive", """
                        Reads an archive of docker's form or of OCI's, plain or compressed with gzip or zstd, or a folder
                        that is an OCI image layout. IMAGE names what the archive leaves without a name. An archive that is
                        refused leaves nothing behind.""")
                .options(value('i', "input", "FILE", "The archive or folder; standard input where none is given."))
                .parameters(Parameter.optional("IMAGE", Parameter.Names.OTHER))
                .example("docker save debian:12 | hostal image load", "From another store");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        try (var archive = SentArchive.open(arguments.find("input").orElse("-"), session)) {
            var images = hostal.loadImages(archive, arguments.findWord("IMAGE"));
            archive.end();
            if (arguments.json()) session.print(images.stream().map(ImageV1::toJson).toList());
            else for (var image : images) {
                for (var reference : image.references()) {
                    session.out().line(reference);
                }
            }
        }
        return 0;
    }
}
