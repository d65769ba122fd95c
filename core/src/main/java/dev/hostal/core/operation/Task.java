package dev.hostal.core.operation;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Operation.Status;
import dev.hostal.core.journal.OperationRecord;
import dev.hostal.core.journal.Request;
import dev.hostal.spi.Progress;
import java.time.Instant;
import java.util.Optional;

/// One operation: its record, and the picture of it that clients see. Any thread may report and look.
public final class Task implements Progress {
    private static final Runnable NOTHING = () -> {};

    private final OperationRecord begun;
    /// These three are guarded by this object's monitor.
    private Operation picture;
    private boolean cancelAsked;
    private Runnable onCancel = NOTHING;

    Task(OperationRecord record) {
        begun = record;
        picture = new Operation(record.id(), record.request().verb(), record.target(), record.status(), "", 0, 0,
                record.problem(), record.createdAt(), record.endedAt(), record.request().results());
    }

    public String id() {
        return begun.id();
    }

    public Request request() {
        return begun.request();
    }

    /// What is on disk of it while it is under way.
    public OperationRecord record() {
        return begun;
    }

    public synchronized Operation picture() {
        return picture;
    }

    @Override public synchronized void report(String stage, long done, long total) {
        if (picture.status().isFinal()) return;
        picture = new Operation(picture.id(), picture.verb(), picture.target(), picture.status(), stage,
                Math.max(0, done), Math.max(0, total), picture.problem(), picture.createdAt(), picture.endedAt(), picture.results());
        notifyAll();
    }

    /// Says what is to be done when somebody asks to cancel it; done at once where that was asked before.
    public void onCancel(Runnable action) {
        boolean now;
        synchronized (this) {
            onCancel = action;
            now = cancelAsked;
        }
        if (now) action.run();
    }

    public synchronized boolean isCancelAsked() {
        return cancelAsked;
    }

    void cancel() {
        Runnable action;
        synchronized (this) {
            cancelAsked = true;
            action = onCancel;
        }
        action.run();
    }

    synchronized void end(Status status, Instant time, Optional<Problem> problem) {
        onCancel = NOTHING;
        picture = new Operation(picture.id(), picture.verb(), picture.target(), status, picture.stage(),
                picture.done(), picture.total(), problem, picture.createdAt(), Optional.of(time), picture.results());
        notifyAll();
    }

    synchronized Operation waitForChange(Operation seen, Deadline deadline) throws InterruptedException {
        while (picture.equals(seen) && !picture.status().isFinal() && !deadline.isPast()) {
            wait(Math.max(1, deadline.millisLeft()));
        }
        return picture;
    }
}
