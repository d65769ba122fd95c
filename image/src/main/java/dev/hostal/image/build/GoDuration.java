package dev.hostal.image.build;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Pattern;

/// A duration as Go writes it, such as `1m30s`. Source: Go, time.ParseDuration.
final class GoDuration {
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)");
    private static final Map<String, Long> UNITS = Map.of("ns", 1L, "us", 1_000L, "µs", 1_000L, "ms", 1_000_000L,
            "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);
    /// Less is refused, as 0 means "as usual". Source: BuildKit.
    private static final long NANOS_MIN = 1_000_000;

    private GoDuration() {}

    /// @throws BuildException it is none
    static long nanos(String flag, String text) {
        if (text.equals("0") || text.equals("0s")) return 0;
        var sum = BigDecimal.ZERO;
        var part = PART.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!part.find(at) || part.start() != at) throw wrong(flag, text);
            sum = sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(UNITS.get(part.group(2)))));
            at = part.end();
        }
        if (text.isEmpty() || sum.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) throw wrong(flag, text);
        if (sum.signum() == 0) return 0;
        if (sum.longValue() < NANOS_MIN) throw new BuildException("Interval %s cannot be less than 1ms".formatted(flag));
        return sum.longValue();
    }

    private static BuildException wrong(String flag, String text) {
        return new BuildException("--%s is a duration such as 1m30s, not '%s'".formatted(flag, text));
    }
}
