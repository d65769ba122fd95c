package dev.hostal.daemon.http;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Operations;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Operations that the test ends, or that never end.
final class FakeOperations implements Operations {
    private final Map<String, Operation> known = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    Operation begin(String verb, String target) {
        return put(new Operation("op-" + count.incrementAndGet(), verb, target, Operation.Status.RUNNING, "beginning",
                0, 0, Optional.empty(), Instant.EPOCH, Optional.empty()));
    }

    Operation progress(String id, String stage, long done, long total) {
        var old = known.get(id);
        return put(new Operation(id, old.verb(), old.target(), old.status(), stage, done, total, Optional.empty(),
                old.createdAt(), Optional.empty()));
    }

    Operation end(String id, Operation.Status status, Optional<Problem> problem) {
        var old = known.get(id);
        return put(new Operation(id, old.verb(), old.target(), status, old.stage(), old.done(), old.total(), problem,
                old.createdAt(), Optional.of(Instant.EPOCH)));
    }

    private synchronized Operation put(Operation operation) {
        known.put(operation.id(), operation);
        notifyAll();
        return operation;
    }

    @Override public Optional<Operation> find(String id) {
        return Optional.ofNullable(known.get(id));
    }

    @Override public List<Operation> list() {
        return List.copyOf(known.values());
    }

    @Override public synchronized Operation waitForChange(Operation seen, Deadline deadline) throws InterruptedException {
        while (known.get(seen.id()).equals(seen) && !deadline.isPast()) {
            wait(Math.max(1, deadline.millisLeft()));
        }
        return known.get(seen.id());
    }

    @Override public void cancel(String id) {
        end(id, Operation.Status.CANCELLED, Optional.empty());
    }
}
