package dev.hostal.cli.command;

import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
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
        if (platform.isEmpty()) return arch.map(CreateOptions::arch);
        var text = platform.get();
        if (!text.startsWith(LINUX)) throw new UsageError("--platform: '%s' does not begin with linux/".formatted(text));
        return Optional.of(CreateOptions.arch(text.substring(LINUX.length())));
    }
}
