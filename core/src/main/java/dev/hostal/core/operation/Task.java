package dev.hostal.core.operation;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Operation.Part;
import dev.hostal.core.Operation.Status;
import dev.hostal.core.journal.OperationRecord;
import dev.hostal.core.journal.Request;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.Progress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One operation: its record, and the picture of it that clients see. Any thread may report and look.
public final class Task implements Progress {
    private static final Runnable NOTHING = () -> {};
    /// Parts that are shown. Chosen: an image has at most 128 layers.
    private static final int PARTS_MAX = 128;

    private final OperationRecord begun;
    private volatile Optional<RegistryLogin> login = Optional.empty();
    /// These four are guarded by this object's monitor.
    private Operation picture;
    private final Map<String, Part> parts = new LinkedHashMap<>();
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
                Math.max(0, done), Math.max(0, total), picture.problem(), picture.createdAt(), picture.endedAt(),
                picture.results(), picture.parts());
        notifyAll();
    }

    @Override public synchronized void part(String name, String stage, long done, long total) {
        boolean room = parts.containsKey(name) || parts.size() < PARTS_MAX;
        if (picture.status().isFinal() || !room) return;
        parts.put(name, new Part(name, stage, Math.max(0, done), Math.max(0, total)));
        picture = new Operation(picture.id(), picture.verb(), picture.target(), picture.status(), picture.stage(),
                picture.done(), picture.total(), picture.problem(), picture.createdAt(), picture.endedAt(),
                picture.results(), List.copyOf(parts.values()));
        notifyAll();
    }

    /// What whoever asked for it is known by at a registry. It is not journalled: after a restart of the daemon what
    /// the host keeps has to do.
    public Optional<RegistryLogin> login() {
        return login;
    }

    public void carry(Optional<RegistryLogin> theirs) {
        login = theirs;
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

    void cancel() {
        Runnable action;
        synchronized (this) {
            cancelAsked = true;
            action = onCancel;
        }
        action.run();
    }

    synchronized void end(Status status, Instant time, Optional<Problem> problem) {
        login = Optional.empty();
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
