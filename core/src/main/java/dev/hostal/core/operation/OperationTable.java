package dev.hostal.core.operation;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Operation.Status;
import dev.hostal.core.Operations;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.OperationRecord;
import dev.hostal.core.journal.Request;
import dev.hostal.store.Store;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The operations of this node. An operation is shown once its beginning is on disk, and shown as ended once
/// its end is: the caller writes what [#draft] and [#end] give it, in one transaction with the effect.
public final class OperationTable implements Operations {
    /// An end that is decided and not yet on disk.
    ///
    /// @param writes the end, and the removal of operations that are too old to be remembered
    public record Ending(Task task, OperationRecord record, List<Write> writes) {}

    /// Most writes of one [Ending]: the end, and operations that are too old to be remembered.
    public static final int ENDING_WRITES_MAX = 3;

    private final Clock clock;
    private final RandomGenerator random;
    /// Guarded by this object's monitor, as the queue of those that ended is, oldest first.
    private final Map<String, Task> tasks = new LinkedHashMap<>();
    private final Deque<String> ended = new ArrayDeque<>();
    private final Set<String> journalled = new HashSet<>();
    /// No longer remembered, but still on disk.
    private final Deque<String> toForget = new ArrayDeque<>();

    public OperationTable(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /// Brings back what the journal remembers.
    ///
    /// @return the operations that were under way, in the order in which they were asked for
    public synchronized List<Task> load(Journal journal) throws IOException {
        var underWay = new ArrayList<Task>();
        for (var kept : journal.operations()) {
            var task = new Task(kept.record());
            tasks.put(task.id(), task);
            if (kept.record().status().isFinal()) {
                ended.add(task.id());
                journalled.add(task.id());
            } else {
                underWay.add(task);
            }
        }
        forgetOldest();
        while (!toForget.isEmpty()) {
            var writes = new ArrayList<Write>();
            while (!toForget.isEmpty() && writes.size() < Store.TRANSACTION_LENGTH_MAX) {
                writes.add(Journal.deleteOperation(toForget.poll()));
            }
            journal.write(List.of(), writes);
        }
        return underWay;
    }

    /// A new operation, to be written by the caller and then published.
    public Task draft(Request request, String target) {
        return new Task(new OperationRecord(newId(), request, target, Status.RUNNING, clock.instant(),
                Optional.empty(), Optional.empty()));
    }

    public synchronized void publish(Task task) {
        tasks.put(task.id(), task);
    }

    /// An operation that asks for what is already so: ended when it begins, and not worth a line on disk.
    public Operation alreadySo(Request request, String target) {
        var task = draft(request, target);
        task.end(Status.SUCCEEDED, clock.instant(), Optional.empty());
        synchronized (this) {
            tasks.put(task.id(), task);
            ended.add(task.id());
            forgetOldest();
        }
        return task.picture();
    }

    public Ending succeed(Task task) {
        return ending(task, Status.SUCCEEDED, Optional.empty());
    }

    public Ending fail(Task task, Problem problem) {
        var status = problem.code() == ErrorCode.CANCELLED ? Status.CANCELLED : Status.FAILED;
        return ending(task, status, Optional.of(problem));
    }

    /// Shows the end, which is on disk now.
    public void end(Ending ending) {
        ending.task.end(ending.record.status(), ending.record.endedAt().orElseThrow(), ending.record.problem());
    }

    @Override public synchronized Optional<Operation> find(String id) {
        return Optional.ofNullable(tasks.get(id)).map(Task::picture);
    }

    @Override public synchronized List<Operation> list() {
        return tasks.values().stream().map(Task::picture).toList();
    }

    @Override public Operation waitForChange(Operation seen, Deadline deadline) throws InterruptedException {
        Task task;
        synchronized (this) {
            task = tasks.get(seen.id());
        }
        return task == null ? seen : task.waitForChange(seen, deadline);
    }

    @Override public void cancel(String id) {
        get(id).cancel();
    }

    /// @throws Problem OPERATION_NOT_FOUND
    public synchronized Task get(String id) {
        var task = tasks.get(id);
        if (task != null) return task;
        throw new Problem(ErrorCode.OPERATION_NOT_FOUND, ("There is no operation '%s'; of those that ended, the last "
                + "%d are remembered.").formatted(id, ENDED_MAX));
    }

    private Ending ending(Task task, Status status, Optional<Problem> problem) {
        var record = task.record().ended(status, clock.instant(), problem);
        var writes = new ArrayList<Write>();
        writes.add(Journal.put(record));
        synchronized (this) {
            ended.add(task.id());
            journalled.add(task.id());
            forgetOldest();
            while (!toForget.isEmpty() && writes.size() < ENDING_WRITES_MAX) {
                writes.add(Journal.deleteOperation(toForget.poll()));
            }
        }
        return new Ending(task, record, List.copyOf(writes));
    }

    /// Should the transaction fail that was to remove it from the disk, the next start removes it.
    private void forgetOldest() {
        while (ended.size() > ENDED_MAX) {
            var id = ended.poll();
            tasks.remove(id);
            if (journalled.remove(id)) toForget.add(id);
        }
    }

    private synchronized String newId() {
        var bytes = new byte[8];
        random.nextBytes(bytes);
        return "op-" + HexFormat.of().formatHex(bytes);
    }
}
