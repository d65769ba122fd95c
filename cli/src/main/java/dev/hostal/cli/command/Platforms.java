package dev.hostal.cli.command;

import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The two ways to name an architecture: Hostal's, and docker's.
final class Platforms {
    static final Option ARCH = Option.value("arch", "ARCH", "For this architecture; the host's where none is given.");
    static final Option ONLY_ARCH = Option.value("arch", "ARCH",
            "Only the image for this architecture; where none is given all that are here.");
    static final Option PLATFORM = Option.value("platform", "OS/ARCH", "The same in docker's words, such as linux/arm64.");

    private static final String LINUX = "linux/";

    private Platforms() {}

    /// @throws UsageError both are given, or it is none that is known
    static Optional<String> of(Arguments arguments) {
        var arch = arguments.find("arch");
        var platform = arguments.find("platform");
        if (arch.isPresent() && platform.isPresent()) throw new UsageError("--arch and --platform say the same: give one");
        return platform.isEmpty() ? arch.map(CreateOptions::arch) : Optional.of(word(platform.get()));
    }

    /// The same where there may be several; one that is empty for the host's.
    static List<Optional<String>> allOf(Arguments arguments) {
        var platform = arguments.find("platform");
        if (platform.isEmpty() || arguments.find("arch").isPresent()) return List.of(of(arguments));
        return Arrays.stream(platform.get().split(",", -1)).map(Platforms::word).distinct().map(Optional::of).toList();
    }

    private static String word(String text) {
        if (!text.startsWith(LINUX)) throw new UsageError("--platform: '%s' does not begin with linux/".formatted(text));
        return CreateOptions.arch(text.substring(LINUX.length()));
    }
}
