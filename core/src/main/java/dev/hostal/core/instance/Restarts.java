package dev.hostal.core.instance;

import dev.hostal.model.Course;
import dev.hostal.model.RestartPolicy;
import dev.hostal.model.RestartPolicy.When;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Whether and when an instance starts again by its policy: decided here from what is known, done elsewhere.
/// Source: docker run, `--restart`: what its documentation says of delays and of daemons that start.
final class Restarts {
    static final Duration PAUSE_MIN = Duration.ofMillis(100);
    static final Duration PAUSE_MAX = Duration.ofMinutes(1);
    /// A run of so long was a success: the next pause is the shortest again.
    static final Duration WELL_AFTER = Duration.ofSeconds(10);

    private Restarts() {}

    /// What follows when a run is over.
    ///
    /// @param failed it did not end with status 0
    /// @param ran how long
    /// @param now when it ended
    static Course after(RestartPolicy policy, Course course, boolean failed, Duration ran, Instant now) {
        if (!wanted(policy, course, failed)) {
            return new Course(course.restarts(), Duration.ZERO, Optional.empty(), course.stopped(), course.outOfMemory(),
                    Optional.empty());
        }
        var pause = pause(course.pause(), ran);
        return new Course(course.restarts(), pause, Optional.of(now.plus(pause)), false, course.outOfMemory(), Optional.empty());
    }

    /// When the policy starts it.
    static Course started(Course course) {
        return new Course(course.restarts() + 1, course.pause(), Optional.empty(), false, false, Optional.empty());
    }

    /// What follows when a daemon starts and finds it stopped.
    ///
    /// @param hasRun it was started before
    static Course found(RestartPolicy policy, Course course, boolean hasRun, Instant now) {
        if (course.due().isPresent() || !hasRun || policy.when() != When.ALWAYS || !course.stopped()) return course;
        return new Course(course.restarts(), Duration.ZERO, Optional.of(now), false, course.outOfMemory(), Optional.empty());
    }

    private static boolean wanted(RestartPolicy policy, Course course, boolean failed) {
        if (course.stopped()) return false;
        return switch (policy.when()) {
            case NO -> false;
            case ALWAYS, UNLESS_STOPPED -> true;
            case ON_FAILURE -> failed && (policy.times() == 0 || course.restarts() < policy.times());
        };
    }

    private static Duration pause(Duration last, Duration ran) {
        if (last.isZero() || ran.compareTo(WELL_AFTER) >= 0) return PAUSE_MIN;
        var doubled = last.multipliedBy(2);
        return doubled.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : doubled;
    }
}
