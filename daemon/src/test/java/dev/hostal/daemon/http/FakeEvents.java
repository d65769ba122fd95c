package dev.hostal.daemon.http;

import dev.hostal.base.Deadline;
import dev.hostal.core.Events;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Events in memory, without limits.
final class FakeEvents implements Events {
    private final List<Event> all = new ArrayList<>();
    final AtomicInteger subscriptions = new AtomicInteger();

    void publish(String type, String subject) {
        publish(type, subject, Map.of("by", "test"));
    }

    @Override public synchronized void publish(String type, String subject, Map<String, String> attributes) {
        all.add(new Event(all.size() + 1, Instant.EPOCH, type, subject, attributes));
        notifyAll();
    }

    private synchronized Optional<Event> next(long after, Deadline deadline) throws InterruptedException {
        while (all.size() <= after && !deadline.isPast()) {
            wait(Math.max(1, deadline.millisLeft()));
        }
        return all.size() > after ? Optional.of(all.get((int) after)) : Optional.empty();
    }

    @Override public Subscription subscribe(long afterSequence) {
        subscriptions.incrementAndGet();
        return new Subscription() {
            private long after = Math.min(afterSequence, kept().size());

            @Override public Optional<Event> next(Deadline deadline) throws InterruptedException {
                var next = FakeEvents.this.next(after, deadline);
                if (next.isPresent()) after++;
                return next;
            }

            @Override public void close() {
                subscriptions.decrementAndGet();
            }
        };
    }

    @Override public synchronized List<Event> kept() {
        return List.copyOf(all);
    }
}
