package dev.hostal.cli.usage;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/// Lengths of time as people write them: `30s`, `1m30s`, `500ms`, `1.5h`.
public final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)(ms|us|s|m|h|d)");
    private static final Pattern WHOLE = Pattern.compile("(?:" + PART.pattern() + ")+");
    private static final Map<String, Double> NANOS =
            Map.of("us", 1e3, "ms", 1e6, "s", 1e9, "m", 60e9, "h", 3600e9, "d", 86_400e9);

    private Durations() {}

    public static boolean fits(String text) {
        return WHOLE.matcher(text).matches();
    }

    /// @throws UsageError the text is no length of time
    public static Duration parse(String option, String text) {
        if (text.equals("0")) return Duration.ZERO;
        if (!fits(text)) throw new UsageError("--%s: '%s' is not a time such as 30s or 1m30s".formatted(option, text));
        double nanos = 0;
        var parts = PART.matcher(text);
        while (parts.find()) {
            nanos += Double.parseDouble(parts.group(1)) * NANOS.get(parts.group(2));
        }
        return Duration.ofNanos((long) nanos);
    }
}
