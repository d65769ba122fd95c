package dev.hostal.docker;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/// Times as clients send them: seconds since 1970 with a fraction, RFC 3339, or a duration before now.
final class Times {
    private static final Pattern UNIX = Pattern.compile("(\\d{1,18})(?:\\.(\\d{1,9})\\d*)?");
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s)");

    private Times() {}

    /// @throws Refusal 400 it is none of these
    static Instant parse(String text, Instant now) {
        var unix = UNIX.matcher(text);
        if (unix.matches()) {
            var nanos = unix.group(2) == null ? "0" : (unix.group(2) + "000000000").substring(0, 9);
            return Instant.ofEpochSecond(Long.parseLong(unix.group(1)), Long.parseLong(nanos));
        }
        try {
            return text.length() == 10 ? Instant.parse(text + "T00:00:00Z") : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException _) {
            return now.minus(duration(text));
        }
    }

    private static Duration duration(String text) {
        var parts = PART.matcher(text);
        var sum = Duration.ZERO;
        int end = 0;
        while (parts.find() && parts.start() == end) {
            end = parts.end();
            double unit = switch (parts.group(2)) {
                case "h" -> 3600;
                case "m" -> 60;
                case "s" -> 1;
                default -> 0.001;
            };
            sum = sum.plusNanos((long) (Double.parseDouble(parts.group(1)) * unit * 1e9));
        }
        if (text.isEmpty() || end != text.length()) throw new Refusal(400, "invalid time value \"%s\"".formatted(text));
        return sum;
    }
}
