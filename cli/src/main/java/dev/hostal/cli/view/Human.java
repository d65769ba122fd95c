package dev.hostal.cli.view;

import dev.hostal.base.Bytes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Times and sizes as people say them.
public final class Human {
    private Human() {}

    /// `12 s`, `3 min`, `2 h`, `4 d`: one unit, rounded down.
    public static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) return seconds + " s";
        if (seconds < 3600) return seconds / 60 + " min";
        if (seconds < 48 * 3600) return seconds / 3600 + " h";
        return seconds / 86400 + " d";
    }

    /// How long ago a time of the API was.
    ///
    /// @param time RFC 3339
    public static String age(String time, Clock clock) {
        return duration(Duration.between(Instant.parse(time), clock.instant()));
    }

    public static String size(long bytes) {
        return new Bytes(Math.max(0, bytes)).toString();
    }

    /// The first twelve digits of an id or digest, which nearly always suffice.
    public static String brief(String id) {
        var digits = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
        return digits.substring(0, Math.min(12, digits.length()));
    }
}
