package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What `create` and `run` say of the instance that they make.
final class CreateOptions {
    static final String IMAGE = "IMAGE";
    static final String COMMAND = "COMMAND";

    private static final int SECONDS_MAX = 3600;

    private CreateOptions() {}

    static Option[] options() {
        return Stream.of(own(), LimitOptions.options(), ConfinementOptions.options(), CareOptions.options(),
                        MountOptions.options(), NetworkOptions.options())
                .flatMap(List::stream).toArray(Option[]::new);
    }

    private static List<Option> own() {
        return List.of(
            value("name", "NAME", "Its name; one is made up where none is given."),
            flag("vm", "Make a virtual machine instead of a container."),
            value("arch", "ARCH", "Its architecture; the host's where none is given."),
            value("cpus", "COUNT", "Virtual CPUs, or as much of them as 1.5 is; of a container, CPUs' time."),
            value('m', "memory", "SIZE", "Memory of the guest, such as 512m or 2g."),
            value("disk", "SIZE", "Size of its writable disk, such as 10g; space is taken as it is used."),
            flag('i', "interactive", "Keep standard input open, and pass on what comes there."),
            flag('t', "tty", "Give the program a terminal."),
            value('e', "env", "NAME=VALUE", "Set an environment variable; NAME alone passes on this one's value.")
                    .repeated(),
            value("env-file", "FILE", "Read environment variables from a file, a NAME=VALUE a line.").repeated(),
            value('u', "user", "USER[:GROUP]", "Run as this user of the guest."),
            value('w', "workdir", "FOLDER", "Run in this folder of the guest."),
            value("entrypoint", "PROGRAM", "Run this instead of the image's entrypoint."),
            value("hostname", "NAME", "The guest's host name; made from its name where none is given."),
            value('l', "label", "NAME=VALUE", "Set a label.").repeated(),
            flag("init", "With --vm: boot the image's own init, such as systemd, instead of running one program. Of a "
                    + "container: a small init runs the program and reaps what it leaves."),
            value("pull", "WHEN", "When to look for the image outside the store; missing is the default.")
                    .oneOf(List.of("missing", "always", "never")),
            value("stop-timeout", "SECONDS", "How long 'stop' asks the guest before it kills."));
    }

    static CreateInstanceV1 body(Arguments arguments, Session session, boolean autoRemove) throws IOException {
        var timeout = arguments.count("stop-timeout", 0, SECONDS_MAX);
        return new CreateInstanceV1(
                arguments.find("name"),
                arguments.has("vm") ? Optional.of("vm") : Optional.empty(),
                arguments.word(IMAGE),
                arguments.find("arch").map(CreateOptions::arch),
                LimitOptions.cpus(arguments),
                arguments.bytes("memory"),
                arguments.bytes("disk"),
                arguments.has("init") && arguments.has("vm") ? Optional.of("init") : Optional.empty(),
                arguments.find("entrypoint").map(program -> program.isEmpty() ? List.of() : List.of(program)),
                arguments.words(COMMAND),
                environment(arguments, session.env()),
                arguments.find("user"),
                arguments.find("workdir"),
                arguments.has("tty"),
                arguments.has("interactive"),
                arguments.find("hostname"),
                arguments.pairs("label", Map.of()),
                autoRemove,
                timeout.isPresent() ? OptionalLong.of(timeout.getAsInt()) : OptionalLong.empty(),
                arguments.find("pull"),
                LimitOptions.limits(arguments),
                ConfinementOptions.confinement(arguments),
                CareOptions.care(arguments),
                MountOptions.mounts(arguments),
                NetworkOptions.nics(arguments),
                NetworkOptions.ports(arguments));
    }

    /// The architecture as the API spells it; `amd64` and `arm64` are understood as well.
    static String arch(String text) {
        try {
            return Arch.parse(text).word();
        } catch (IllegalArgumentException unknown) {
            throw new UsageError("--arch: " + unknown.getMessage());
        }
    }

    static List<String> archs() {
        return Arrays.stream(Arch.values()).map(Arch::word).toList();
    }

    /// Variables of the files, then those of the options, which win.
    static Map<String, String> environment(Arguments arguments, Map<String, String> ours) throws IOException {
        var all = new LinkedHashMap<String, String>();
        for (var file : arguments.all("env-file")) {
            all.putAll(read(Path.of(file), ours));
        }
        all.putAll(arguments.pairs("env", ours));
        return all;
    }

    private static Map<String, String> read(Path file, Map<String, String> ours) throws IOException {
        try {
            var lines = Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
            return new Arguments(Map.of("env-file", lines), Map.of()).pairs("env-file", ours);
        } catch (NoSuchFileException _) {
            throw new UsageError("--env-file: there is no file %s".formatted(file));
        }
    }
}
