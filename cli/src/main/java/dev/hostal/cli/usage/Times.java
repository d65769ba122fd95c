package dev.hostal.cli.usage;

import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/// Instants as people write them: `2026-11-23T20:00:00Z`, the same without a zone (this computer's) or without a time of
/// day, seconds since 1970, or so long ago as in `10m`. Source: docker logs, `--since`.
public final class Times {
    private static final Pattern SECONDS = Pattern.compile("\\d{1,12}(?:\\.\\d{1,9})?");

    private Times() {}

    /// @throws UsageError the text is no time
    public static Instant parse(String option, String text, Clock clock) {
        if (Durations.fits(text)) return clock.instant().minus(Durations.parse(option, text));
        if (SECONDS.matcher(text).matches()) {
            var seconds = new BigDecimal(text);
            return Instant.ofEpochSecond(seconds.longValue(), seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
        }
        try {
            if (!text.contains("T")) return LocalDate.parse(text).atStartOfDay(clock.getZone()).toInstant();
            if (text.matches(".*T.*([Zz]|[+-].*)")) return OffsetDateTime.parse(text).toInstant();
            return LocalDateTime.parse(text).atZone(clock.getZone()).toInstant();
        } catch (DateTimeException _) {
            throw new UsageError("--%s: '%s' is not a time such as 2026-11-23T20:00:00Z, 2026-11-23 or 10m".formatted(option, text));
        }
    }
}
