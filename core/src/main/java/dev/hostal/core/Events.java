package dev.hostal.core;

import dev.hostal.base.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What has happened on this node, in order.
public interface Events {
    /// Events kept for those who come late. Chosen.
    int KEPT_MAX = 10_000;

    /// @param sequence grows by one with each event since the daemon started; survives no restart
    /// @param type such as `instance.phase`, `instance.created`, `image.pulled`
    /// @param subject the instance's id or the image's reference
    record Event(long sequence, Instant time, String type, String subject, Map<String, String> attributes) {}

    /// A reader with a position of its own; one that falls behind by [#KEPT_MAX] misses the oldest.
    interface Subscription extends AutoCloseable {
        /// @return the next event; empty where the deadline came first
        Optional<Event> next(Deadline deadline) throws InterruptedException;

        @Override void close();
    }

    /// @param afterSequence 0 for all that is kept; [Long#MAX_VALUE] for only what comes
    Subscription subscribe(long afterSequence);

    List<Event> kept();

    /// Tells what has happened; never blocks on a reader. Faces tell of what only they know.
    void publish(String type, String subject, Map<String, String> attributes);
}
