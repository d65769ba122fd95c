package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How the health of an instance's program is found out. What is not said is the image's, or usual.
/// Source: docker's image specification, "Healthcheck".
///
/// @param test none, or `NONE`, or `CMD` or `CMD-SHELL` and words
/// @param interval between two tests
/// @param timeout a test that takes longer has failed
/// @param startPeriod failures before that do not count
/// @param retries failures in a row until it is unhealthy
public record HealthCheck(List<String> test, Optional<Duration> interval, Optional<Duration> timeout,
        Optional<Duration> startPeriod, Optional<Integer> retries) {
    /// Nothing said.
    public static final HealthCheck NONE =
            new HealthCheck(List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    /// Source: docker's documentation of HEALTHCHECK.
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int RETRIES = 3;

    public HealthCheck {
        test = List.copyOf(test);
        require(test.isEmpty() || List.of("NONE", "CMD", "CMD-SHELL").contains(test.getFirst()),
                "a health test begins with NONE, CMD or CMD-SHELL, not with '%s'", test.isEmpty() ? "" : test.getFirst());
        require(test.isEmpty() || (test.size() == 1) == test.getFirst().equals("NONE"),
                "a health test has a command, and NONE has none");
        retries.ifPresent(count -> require(count > 0, "%d health retries are not positive", count));
    }

    /// The same, with the other's word where this one says nothing.
    public HealthCheck or(HealthCheck other) {
        return new HealthCheck(test.isEmpty() ? other.test : test, interval.or(() -> other.interval),
                timeout.or(() -> other.timeout), startPeriod.or(() -> other.startPeriod), retries.or(() -> other.retries));
    }

    /// Command line of the test; empty where there is none to be done.
    public Optional<List<String>> command() {
        if (test.size() < 2) return Optional.empty();
        if (test.getFirst().equals("CMD-SHELL")) return Optional.of(List.of("/bin/sh", "-c", test.get(1)));
        return Optional.of(test.subList(1, test.size()));
    }

    public Duration usedInterval() {
        return interval.orElse(INTERVAL);
    }

    public Duration usedTimeout() {
        return timeout.orElse(TIMEOUT);
    }

    public Duration usedStartPeriod() {
        return startPeriod.orElse(Duration.ZERO);
    }

    public int usedRetries() {
        return retries.orElse(RETRIES);
    }
}
