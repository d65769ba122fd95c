package dev.hostal.cli.command;

import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// An archive on its way from the daemon, to a file named by `--output` or to standard output.
final class ReceivedArchive {
    private ReceivedArchive() {}

    /// @return the exit status
    static int write(InputStream archive, Arguments arguments, Session session) throws IOException {
        var output = output(arguments);
        try (archive) {
            refuseTerminal(output, session);
            pass(archive, output, session);
        }
        name(output, arguments, session);
        return 0;
    }

    /// The file asked for; empty for standard output.
    static Optional<String> output(Arguments arguments) {
        return arguments.find("output").filter(name -> !name.equals("-"));
    }

    static void refuseTerminal(Optional<String> output, Session session) throws UsageError {
        if (output.isEmpty() && session.terminal().isOutput()) {
            throw new UsageError("An archive is not for a terminal: give --output FILE, or redirect standard output");
        }
    }

    /// Writes all of it. A file appears under its name when it is whole.
    static void pass(InputStream archive, Optional<String> output, Session session) throws IOException {
        if (output.isPresent()) keep(archive, Path.of(output.get()));
        else pass(archive, session);
    }

    /// Prints where it is, unless on standard output itself.
    static void name(Optional<String> output, Arguments arguments, Session session) throws IOException {
        if (output.isPresent() && arguments.json()) session.print(new JsonObject().put("file", output.get()));
        else if (output.isPresent()) session.out().line(output.get());
    }

    private static void pass(InputStream archive, Session session) throws IOException {
        var bytes = new byte[64 << 10];
        for (int count = archive.read(bytes); count >= 0; count = archive.read(bytes)) {
            session.out().write(bytes, 0, count);
        }
        session.out().flush();
    }

    private static void keep(InputStream archive, Path file) throws IOException {
        var partial = Files.createTempFile(file.toAbsolutePath().getParent(), "." + file.getFileName(), ".partial");
        try {
            Files.copy(archive, partial, StandardCopyOption.REPLACE_EXISTING);
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }
}
