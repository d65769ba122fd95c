package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.api.ImageV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.OptionalInt;

/// `hostal image list`.
public final class ImageListCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("image list", "list the images of the store", """
                        Lists every image with where it came from. An image of several architectures is listed once for
                        each that is here.""")
                .options(flag('q', "quiet", "Print the references only."));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var images = session.hostal().images();
        if (arguments.json()) {
            session.print(images.stream().map(ImageV1::toJson).toList());
            return 0;
        }
        var table = new Table("IMAGE", "ARCH", "SIZE", "SOURCE", "CREATED", "DIGEST");
        for (var image : images) {
            var references = image.references().isEmpty() ? "-" : String.join(", ", image.references());
            if (arguments.has("quiet")) {
                session.out().line(image.references().isEmpty() ? image.digest() : image.references().getFirst());
            }
            table.row(references, image.arch(), Human.size(image.size()), image.source(),
                    Human.age(image.createdAt(), session.clock()) + " ago", Human.brief(image.digest()));
        }
        if (!arguments.has("quiet")) {
            table.print(session.out(), session.terminal().isOutput()
                    ? session.terminal().columns() : OptionalInt.empty());
        }
        return 0;
    }
}
