package dev.hostal.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What became of an instance since somebody last started it, beyond its phase.
///
/// @param restarts how often its policy has started it again
/// @param pause before its next restart, or before the last one
/// @param due when its policy starts it again; empty where it does not
/// @param stopped somebody wanted it to end: its policy does not start it again
/// @param outOfMemory its last run met its limit of memory, and something in it was killed for that
/// @param health `starting`, `healthy` or `unhealthy`; empty where nobody tests it
public record Course(int restarts, Duration pause, Optional<Instant> due, boolean stopped, boolean outOfMemory,
        Optional<String> health) {
    public static final Course NEW = new Course(0, Duration.ZERO, Optional.empty(), false, false, Optional.empty());

    /// Somebody wants it to end, or to stay as it is.
    public Course ended() {
        return new Course(restarts, pause, Optional.empty(), true, outOfMemory, health);
    }

    /// Its run is over.
    public Course endedBy(boolean memory) {
        return new Course(restarts, pause, due, stopped, memory, health);
    }

    public Course with(Optional<String> other) {
        return new Course(restarts, pause, due, stopped, outOfMemory, other);
    }
}
