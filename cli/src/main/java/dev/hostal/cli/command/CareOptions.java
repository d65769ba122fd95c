package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Durations;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.model.Care;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `create` and `run` say of the care that is taken of an instance. The words are docker's.
final class CareOptions {
    private CareOptions() {}

    static List<Option> options() {
        return List.of(
                value("restart", "WHEN", "Start it again when it ends: no, on-failure[:TIMES], always, unless-stopped."),
                value("stop-signal", "SIGNAL", "What 'stop' sends the program; the image's, or TERM."),
                value("health-cmd", "COMMAND", "Shell command that tells by its status whether the program is well."),
                value("health-interval", "TIME", "Between two health tests, such as 30s."),
                value("health-timeout", "TIME", "A health test that takes longer has failed."),
                value("health-retries", "COUNT", "Failures in a row until it is unhealthy."),
                value("health-start-period", "TIME", "Failures do not count so long after the start."),
                flag("no-healthcheck", "Do no health test, also where the image has one."));
    }

    static Care care(Arguments arguments) {
        boolean none = arguments.has("no-healthcheck");
        if (none && arguments.has("health-cmd")) {
            throw new UsageError("--health-cmd and --no-healthcheck exclude each other");
        }
        if (arguments.has("rm") && arguments.find("restart").filter(word -> !word.equals("no")).isPresent()) {
            throw new UsageError("--rm and --restart exclude each other: what is deleted cannot start again");
        }
        var retries = arguments.count("health-retries", 0, Integer.MAX_VALUE);
        try {
            return new Care(arguments.find("restart"), arguments.find("stop-signal").map(CareOptions::signal),
                    none ? List.of("NONE") : arguments.find("health-cmd").map(text -> List.of("CMD-SHELL", text))
                    .orElse(List.of()), time(arguments, "health-interval"), time(arguments, "health-timeout"),
                    time(arguments, "health-start-period"),
                    retries.isPresent() && retries.getAsInt() > 0 ? Optional.of(retries.getAsInt()) : Optional.empty());
        } catch (IllegalArgumentException wrong) {
            throw new UsageError(wrong.getMessage());
        }
    }

    private static String signal(String text) {
        var upper = text.toUpperCase(Locale.ROOT);
        return upper.startsWith("SIG") ? upper.substring("SIG".length()) : upper;
    }

    private static Optional<Duration> time(Arguments arguments, String option) {
        return arguments.find(option).map(text -> Durations.parse(option, text)).filter(time -> !time.isZero());
    }
}
