package dev.hostal.core.event;

import dev.hostal.base.Deadline;
import dev.hostal.core.Events;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The last events in a ring, and the readers that wait for the next one.
public final class EventLog implements Events {
    private final Clock clock;
    private final Event[] ring = new Event[KEPT_MAX];
    /// Sequence number of the newest event; guarded by this object's monitor, as the ring is.
    private long newest;

    public EventLog(Clock clock) {
        this.clock = clock;
    }

    @Override public synchronized void publish(String type, String subject, Map<String, String> attributes) {
        newest++;
        ring[(int) (newest % KEPT_MAX)] = new Event(newest, clock.instant(), type, subject, Map.copyOf(attributes));
        notifyAll();
    }

    @Override public synchronized Subscription subscribe(long afterSequence) {
        return new Reader(Math.max(0, Math.min(afterSequence, newest)));
    }

    @Override public synchronized List<Event> kept() {
        var kept = new ArrayList<Event>();
        for (long sequence = oldest(); sequence <= newest; sequence++) {
            kept.add(ring[(int) (sequence % KEPT_MAX)]);
        }
        return List.copyOf(kept);
    }

    private long oldest() {
        return Math.max(1, newest - KEPT_MAX + 1);
    }

    private synchronized Optional<Event> after(long position, Deadline deadline) throws InterruptedException {
        while (newest <= position) {
            long millis = deadline.millisLeft();
            if (millis == 0) return Optional.empty();
            wait(millis);
        }
        return Optional.of(ring[(int) (Math.max(position + 1, oldest()) % KEPT_MAX)]);
    }

    private final class Reader implements Subscription {
        private long position;

        Reader(long position) {
            this.position = position;
        }

        @Override public Optional<Event> next(Deadline deadline) throws InterruptedException {
            var event = after(position, deadline);
            event.ifPresent(seen -> position = seen.sequence());
            return event;
        }

        @Override public void close() {
            // A reader is a position and holds nothing.
        }
    }
}
