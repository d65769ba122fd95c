package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.OperationV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.cli.view.OperationView;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `hostal image save`.
public final class ImageSaveCommand implements Command {
    private static final String DOCKER = "docker-archive";
    private static final String OCI = "oci-archive";
    private static final String FOLDER = "oci-dir";
    private static final String DISK = "qcow2";

    @Override public Usage usage() {
        return Usage.of("image save", "write images into an archive", """
                        Writes one archive with all the images named, in the form of `docker save` or as an OCI image
                        layout. Docker's form holds one architecture of each; OCI's all that are here. An image that is a
                        disk of a virtual machine goes into OCI's, or as it is into a file: qcow2. The file appears
                        under its name when it is whole.""")
                .options(value('o', "output", "FILE", "The file or folder to write; standard output where none is given."),
                        value("format", "FORM", "docker-archive (the default), oci-archive, oci-dir, a folder, or qcow2, a disk alone.")
                                .oneOf(List.of(DOCKER, OCI, FOLDER, DISK)),
                        Platforms.ONLY_ARCH, Platforms.PLATFORM, Compressions.OF_SAVE)
                .parameters(Parameter.some("IMAGE", Parameter.Names.IMAGE))
                .example("hostal image save debian:12 | docker load", "To another store");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var format = arguments.find("format").orElse(DOCKER);
        var output = ReceivedArchive.output(arguments);
        if (output.isEmpty() && format.equals(FOLDER)) throw new UsageError("--format oci-dir needs --output FOLDER");
        ReceivedArchive.refuseTerminal(output, session);
        var query = new TreeMap<>(Map.of("form", switch (format) {
            case DOCKER -> "docker";
            case DISK -> DISK;
            default -> "oci";
        }));
        Platforms.of(arguments).ifPresent(arch -> query.put("arch", arch));
        arguments.find("compression").ifPresent(kind -> query.put("compression", kind));
        try (var archive = new Shown(session.hostal().saveImages(arguments.words("IMAGE"), query), session)) {
            if (format.equals(FOLDER)) new LayoutFolder(Path.of(output.orElseThrow())).write(archive);
            else ReceivedArchive.pass(archive, output, session);
        }
        ReceivedArchive.name(output, arguments, session);
        return 0;
    }

    /// An archive whose length nobody knows, while it comes.
    private static final class Shown extends FilterInputStream {
        private final OperationView view;
        Shown(InputStream in, Session session) {
            super(in);
            this.view = new OperationView(session.err(), session.terminal(), session.clock()).start();
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = in.read(bytes, offset, length);
            view.change(new OperationV1("", "", "", "running", "writing the archive", 0, 0,
                    Optional.empty(), "", Optional.empty()));
            return count;
        }

        @Override public void close() throws IOException {
            view.close();
            super.close();
        }
    }
}
