package dev.hostal.core.instance;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Snapshots;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Phase;
import dev.hostal.model.Schedule;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Answers for snapshots: looks them up, and asks the owner of their instance for the rest.
public final class SnapshotDesk implements Snapshots {
    private final Node node;

    public SnapshotDesk(Node node) {
        this.node = node;
    }

    @Override public Operation create(InstanceId instance, Optional<SnapshotName> name, String description,
            boolean memory, boolean volumes) {
        requireDescription(description);
        var owner = node.registry().get(instance);
        return owner.ask(new Request.TakeSnapshot(node.points().newSnapshot(),
                name.orElseGet(() -> freeName(instance, "snapshot")), description, memory, volumes, false));
    }

    @Override public List<Snapshot> list(InstanceId instance) throws IOException, InterruptedException {
        var position = node.registry().get(instance).record().past().position();
        var sizes = Sizes.now(node);
        var records = new ArrayList<>(node.points().snapshots(instance));
        var ordered = new ArrayList<Snapshot>();
        addChildren(records, Optional.empty(), position, sizes, ordered);
        // Whose parent is not known: there is none, but nothing may be hidden.
        records.forEach(each -> ordered.add(view(each, position, sizes)));
        return ordered;
    }

    @Override public Snapshot get(InstanceId instance, String nameOrId) throws IOException, InterruptedException {
        var found = list(instance).stream().filter(each -> each.name().value().equals(nameOrId)
                || each.id().value().equals(nameOrId)).findFirst();
        return found.orElseThrow(() -> new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, "Instance %s has no snapshot %s."
                .formatted(node.registry().get(instance).view().name(), nameOrId)));
    }

    @Override public Operation restore(InstanceId instance, SnapshotId snapshot, boolean force) {
        return restore(instance, snapshot, force, Optional.empty());
    }

    private Operation restore(InstanceId instance, SnapshotId snapshot, boolean force, Optional<SnapshotId> kept) {
        var record = record(instance, snapshot);
        var owner = node.registry().get(instance);
        var phase = owner.view().phase();
        boolean runs = phase instanceof Phase.Running || phase instanceof Phase.Paused || phase instanceof Phase.Starting;
        boolean memory = record.memory().isPresent();
        return owner.ask(new Request.RestoreSnapshot(snapshot, force || memory, memory || runs && force, kept));
    }

    @Override public Operation delete(InstanceId instance, SnapshotId snapshot) {
        record(instance, snapshot);
        return node.registry().get(instance).ask(new Request.DeleteSnapshot(snapshot));
    }

    @Override public Snapshot rename(InstanceId instance, SnapshotId snapshot, SnapshotName name, String description)
            throws IOException, InterruptedException {
        requireDescription(description);
        synchronized (this) {
            var record = record(instance, snapshot);
            if (node.points().snapshots(instance).stream().anyMatch(each -> each.name().equals(name)
                    && !each.id().equals(snapshot))) throw new Problem(ErrorCode.NAME_IN_USE,
                    "Instance %s has a snapshot %s already.".formatted(node.registry().get(instance).view().name(), name));
            var renamed = record.named(name, description);
            node.journal().write(List.of(), List.of(PointRecords.put(renamed)));
            node.points().show(renamed);
        }
        return get(instance, snapshot.value());
    }

    @Override public Schedule schedule(InstanceId instance, Duration every, int keep, boolean memory, Optional<Bytes> space) {
        var owner = node.registry().get(instance);
        node.time(owner.record());
        var schedule = scheduleOf(instance, every, keep, memory, space);
        TimeRules.requireMemoryFor(schedule, owner.record().spec());
        node.journal().write(List.of(), List.of(PointRecords.put(schedule)));
        node.points().show(schedule);
        return schedule;
    }

    @Override public Optional<Schedule> schedule(InstanceId instance) {
        node.registry().get(instance);
        return node.points().schedule(instance);
    }

    @Override public void unschedule(InstanceId instance) {
        node.registry().get(instance);
        node.journal().write(List.of(), List.of(PointRecords.deleteSchedule(instance)));
        node.points().forgetSchedule(instance);
    }

    @Override public Operation rewind(InstanceId instance, Instant time) throws IOException, InterruptedException {
        var owner = node.registry().get(instance);
        var newest = node.points().snapshots(instance).stream().filter(each -> !each.createdAt().isAfter(time))
                .reduce((_, later) -> later);
        var snapshot = newest.orElseThrow(() -> new Problem(ErrorCode.SNAPSHOT_NOT_FOUND,
                "Instance %s has no snapshot from before %s.%s".formatted(owner.view().name(), time,
                        node.points().snapshots(instance).stream().findFirst()
                                .map(first -> "\nIts oldest one, %s, is of %s.".formatted(first.name(), first.createdAt()))
                                .orElse("\nMaybe let some be taken: snapshot schedule."))));
        var kept = node.points().newSnapshot();
        // The way back waits until this is done.
        owner.ask(new Request.TakeSnapshot(kept, freeName(instance, "before-rewind"), "The present, before the rewind to "
                + snapshot.name() + ".", false, !snapshot.volumes().isEmpty(), false));
        return restore(instance, snapshot.id(), true, Optional.of(kept));
    }

    /// A name that is free now, with a number.
    SnapshotName freeName(InstanceId instance, String stem) {
        var taken = node.points().snapshots(instance).stream().map(each -> each.name().value()).toList();
        for (int number = 1; ; number++) {
            var name = stem + "-" + number;
            if (!taken.contains(name)) return new SnapshotName(name);
        }
    }

    private static Schedule scheduleOf(InstanceId instance, Duration every, int keep, boolean memory, Optional<Bytes> space) {
        try {
            return new Schedule(instance, every, keep, memory, space, Optional.empty());
        } catch (IllegalArgumentException e) {
            var member = Stream.of("keep", "space").filter(e.getMessage()::contains).findFirst().orElse("every");
            throw Problem.badMember(member, "Not possible: " + e.getMessage() + ".");
        }
    }

    private static void requireDescription(String description) {
        if (description.length() > DESCRIPTION_MAX) throw Problem.badMember("description",
                "A description has at most %d characters, not %d.".formatted(DESCRIPTION_MAX, description.length()));
    }

    private SnapshotRecord record(InstanceId instance, SnapshotId snapshot) {
        var owner = node.registry().get(instance);
        return node.points().snapshot(snapshot).filter(each -> each.instance().equals(instance)).orElseThrow(() ->
                new Problem(ErrorCode.SNAPSHOT_NOT_FOUND, "Instance %s has no snapshot %s."
                        .formatted(owner.view().name(), snapshot)));
    }

    private void addChildren(List<SnapshotRecord> records, Optional<SnapshotId> parent,
            Optional<SnapshotId> position, Sizes sizes, List<Snapshot> ordered) {
        for (var record : List.copyOf(records)) {
            if (!record.parent().equals(parent) || !records.remove(record)) continue;
            ordered.add(view(record, position, sizes));
            addChildren(records, Optional.of(record.id()), position, sizes, ordered);
        }
    }

    private Snapshot view(SnapshotRecord record, Optional<SnapshotId> position, Sizes sizes) {
        return new Snapshot(record.id(), record.instance(), record.name(), record.parent(), record.description(),
                record.createdAt(), record.memory().isPresent(), record.scheduled(),
                position.equals(Optional.of(record.id())), sizes.of(record), record.volumes().keySet().stream()
                .flatMap(volume -> node.volumes().disks().find(volume).stream()).map(Volume::name)
                .sorted(Comparator.comparing(VolumeName::value)).toList());
    }
}
