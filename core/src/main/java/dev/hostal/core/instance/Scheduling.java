package dev.hostal.core.instance;

import dev.hostal.base.Bytes;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.model.Phase;
import dev.hostal.model.Schedule;
import dev.hostal.model.SnapshotName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/// Takes snapshots when schedules say so, and deletes the oldest of its own that are too many or too large together.
final class Scheduling {
    /// Between two looks at the clock. Chosen: a fraction of the shortest period.
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'auto-'yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final Node node;

    Scheduling(Node node) {
        this.node = node;
    }

    void begin() {
        if (node.tidying().isEmpty()) return;
        node.errands().start("schedules", () -> {
            while (true) {
                Thread.sleep(LOOK);
                for (var schedule : node.points().schedules()) look(schedule);
            }
        });
    }

    private void look(Schedule schedule) throws InterruptedException {
        try {
            var now = node.clock().instant();
            var due = schedule.last().map(last -> last.plus(schedule.every())).orElse(Instant.MIN);
            if (now.isBefore(due)) return;
            var owner = node.registry().find(schedule.instance());
            if (owner.isEmpty() || !(owner.get().view().phase() instanceof Phase.Running)) return;
            if (!node.points().schedule(schedule.instance()).equals(Optional.of(schedule))) return;
            // Noted first: one that fails is tried again when the next is due.
            var noted = schedule.takenAt(now);
            node.journal().write(List.of(), List.of(PointRecords.put(noted)));
            node.points().show(noted);
            prune(owner.get(), schedule);
            owner.get().ask(new Request.TakeSnapshot(node.points().newSnapshot(), freeName(schedule, now), "",
                    schedule.memory(), false, true));
        } catch (Problem problem) {
            node.log().warn("schedule.failed", "instance", schedule.instance().brief(), "because", problem.getMessage());
        }
    }

    /// Before the next one is taken, so that there are never more than are to be kept.
    private void prune(InstanceOwner owner, Schedule schedule) throws InterruptedException {
        var own = node.points().snapshots(schedule.instance()).stream().filter(SnapshotRecord::scheduled).toList();
        for (var old : own.subList(0, tooMany(owner, schedule, own))) {
            try {
                owner.ask(new Request.DeleteSnapshot(old.id()));
            } catch (Problem inUse) {
                node.log().warn("schedule.kept", "snapshot", old.name(), "because", inUse.getMessage());
            }
        }
    }

    private int tooMany(InstanceOwner owner, Schedule schedule, List<SnapshotRecord> own) throws InterruptedException {
        if (schedule.space().isEmpty()) return Pruning.byCount(own.size(), schedule.keep());
        try {
            var sizes = Sizes.now(node);
            var taken = own.stream().map(one -> new Pruning.Taken(sizes.of(one.disk()), sizes.of(one.memory()))).toList();
            var present = owner.record().past().disk().map(sizes::of).orElse(Bytes.ZERO);
            return Pruning.bySpace(taken, present, schedule.keep(), schedule.space().get());
        } catch (IOException e) {
            node.log().warn("schedule.unmeasured", "instance", owner.view().name(), "because", e.getMessage());
            return Pruning.byCount(own.size(), schedule.keep());
        }
    }

    private SnapshotName freeName(Schedule schedule, Instant now) {
        var stem = NAME.format(now);
        var taken = node.points().snapshots(schedule.instance()).stream().map(each -> each.name().value()).toList();
        var name = stem;
        for (int number = 2; taken.contains(name); number++) {
            name = stem + "-" + number;
        }
        return new SnapshotName(name);
    }
}
