package dev.hostal.model;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Snapshots that are taken of a running instance by themselves.
///
/// @param keep the newest of its own that are kept; older ones are deleted
/// @param memory memory and devices, too
/// @param space what its snapshots may take together, beside what the oldest of them has of the disk; the oldest are deleted
/// @param last when the last one was taken
public record Schedule(InstanceId instance, Duration every, int keep, boolean memory, Optional<Bytes> space,
        Optional<Instant> last) {
    /// Chosen: what is taken more often is still being written when the next is due.
    public static final Duration EVERY_MIN = Duration.ofSeconds(1);
    public static final Duration EVERY_MAX = Duration.ofDays(366);
    /// Chosen: each one is a layer that a disk lies over.
    public static final int KEEP_MAX = 64;

    /// Chosen: less holds no snapshot of a guest that does anything.
    public static final Bytes SPACE_MIN = Bytes.mib(1);

    public Schedule {
        require(every.compareTo(EVERY_MIN) >= 0 && every.compareTo(EVERY_MAX) <= 0,
                "a schedule's period %s is not in %s..%s", every, EVERY_MIN, EVERY_MAX);
        require(keep >= 1 && keep <= KEEP_MAX, "%d snapshots to keep are not in 1..%d", keep, KEEP_MAX);
        space.ifPresent(most -> require(most.compareTo(SPACE_MIN) >= 0, "a schedule's space %s is less than %s", most, SPACE_MIN));
    }

    /// Another snapshot was taken.
    public Schedule takenAt(Instant time) {
        return new Schedule(instance, every, keep, memory, space, Optional.of(time));
    }
}
