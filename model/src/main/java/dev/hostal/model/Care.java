package dev.hostal.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What is done for an instance while it lives: when it is started again, and how its health is found out.
///
/// @param restart `no`, `on-failure[:TIMES]`, `always` or `unless-stopped`; empty: no
/// @param stopSignal signal of `stop`, without `SIG`; empty: the image's, or TERM
/// @param healthCommand test as in OCI images: `NONE`, or `CMD` or `CMD-SHELL` and words; empty: the image's
/// @param healthInterval between two tests
/// @param healthTimeout a test that takes longer has failed
/// @param healthStartPeriod failures before that do not count
/// @param healthRetries failures in a row until it is unhealthy
public record Care(
        Optional<String> restart,
        Optional<String> stopSignal,
        List<String> healthCommand,
        Optional<Duration> healthInterval,
        Optional<Duration> healthTimeout,
        Optional<Duration> healthStartPeriod,
        Optional<Integer> healthRetries) {
    /// Nothing asked for: as is usual.
    public static final Care USUAL = new Care(Optional.empty(), Optional.empty(), List.of(), Optional.empty(),
            Optional.empty(), Optional.empty(), Optional.empty());

    public Care {
        healthCommand = List.copyOf(healthCommand);
        restart.ifPresent(RestartPolicy::parse);
        new HealthCheck(healthCommand, healthInterval, healthTimeout, healthStartPeriod, healthRetries);
    }

    public RestartPolicy restartPolicy() {
        return restart.map(RestartPolicy::parse).orElse(RestartPolicy.NO);
    }

    /// @param ofImage what the image says
    public HealthCheck health(HealthCheck ofImage) {
        return new HealthCheck(healthCommand, healthInterval, healthTimeout, healthStartPeriod, healthRetries).or(ofImage);
    }

    /// The same with another policy.
    public Care restarting(String policy) {
        return new Care(Optional.of(policy), stopSignal, healthCommand, healthInterval, healthTimeout,
                healthStartPeriod, healthRetries);
    }
}
