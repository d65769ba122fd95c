package dev.hostal.cli.usage;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Spans of time as people type them: `90`, `90s`, `10m`, `2h`, `7d`.
public final class Spans {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smhd]?)");

    private Spans() {}

    /// @param what names the word in messages, such as `--every`
    /// @param max seconds
    /// @return seconds
    /// @throws UsageError it is no span of time, or not within the limits
    public static long seconds(String what, String text, long min, long max) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            throw new UsageError("%s: '%s' is not a span of time such as 90s, 10m, 2h or 7d".formatted(what, text));
        }
        long seconds = secondsOf(form);
        if (seconds < min || seconds > max) {
            throw new UsageError("%s: '%s' is not within %d s to %d d".formatted(what, text, min, max / 86_400));
        }
        return seconds;
    }

    private static long secondsOf(Matcher form) {
        long count = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "m" -> count * 60;
            case "h" -> count * 3600;
            case "d" -> count * 86_400;
            default -> count;
        };
    }
}
