package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.HeadRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Phase;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What holds of disks and checkpoints of every node that has come to rest: all that is referred to is there, and nothing is
/// that nobody needs. Computed from the store's records alone, not by the code that decides it.
final class PointsTruth {
    private static final Set<String> HALF = Set.of("starting", "stopping", "deleting");

    private final World world;

    PointsTruth(World world) {
        this.world = world;
    }

    /// Waits until nothing is under way, or the daemon is killed.
    void awaitRest(String where) throws InterruptedException {
        try {
            World.eventually("rest", () -> world.session.isKilled() || isAtRest());
        } catch (AssertionError e) {
            throw new AssertionError("%s: no rest: %s %s, calls %s".formatted(where, world.engine.list(),
                    world.engine.operations().list(), world.session.calls()), e);
        }
    }

    private boolean isAtRest() {
        return world.engine.operations().list().stream().allMatch(each -> each.status().isFinal())
                && world.engine.list().stream().noneMatch(each -> HALF.contains(each.phase().word()));
    }

    /// @param ahead machines and what they need that may be there and are nobody's
    void check(String where, int ahead) throws IOException, InterruptedException {
        assertThat(world.host.violations()).as(where).isEmpty();
        // What is not needed any more is removed by a thread of its own.
        var last = new AssertionError[1];
        try {
            World.eventually("what is needed is there, and nothing else", () -> {
                try {
                    checkNow(ahead);
                    return true;
                } catch (AssertionError e) {
                    last[0] = e;
                    return false;
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        } catch (AssertionError late) {
            throw new AssertionError(where + ": " + last[0].getMessage(), last[0]);
        }
        assertThat(world.host.violations()).as(where).isEmpty();
    }

    private void checkNow(int ahead) throws IOException {
        var journal = new Journal(world.store, new StateLog());
        var disks = new HashSet<DiskId>();
        var checkpoints = new HashSet<CheckpointId>();
        var running = new HashSet<String>();
        for (var kept : journal.instances()) {
            var record = kept.record();
            var past = record.past();
            assertThat(past.turn()).as("turns of %s", record.spec().name()).isEmpty();
            // Over memory it is empty, and made anew by each start.
            past.disk().filter(disk -> past.memory().isPresent() ? world.host.disks().containsKey(disk) : isMade(disk))
                    .ifPresent(disks::add);
            // It is made at the first start, or the checkpoint goes with it.
            past.disk().filter(disk -> !isMade(disk) || past.memory().isPresent()).flatMap(this::baseOf).ifPresent(disks::add);
            past.memory().ifPresent(checkpoints::add);
            if (record.phase() instanceof Phase.Running || record.phase() instanceof Phase.Paused) {
                running.add(record.id().brief());
            }
        }
        for (var snapshot : PointRecords.snapshots(journal)) {
            disks.add(snapshot.disk());
            disks.addAll(snapshot.volumes().values());
            snapshot.memory().ifPresent(checkpoints::add);
        }
        PointRecords.heads(journal).stream().map(HeadRecord::disk).forEach(head -> {
            if (world.host.disks().containsKey(head)) disks.add(head);
            else baseOf(head).ifPresent(disks::add);
        });
        for (var pool : PointRecords.pools(journal)) {
            disks.add(pool.disk());
            checkpoints.add(pool.memory());
        }
        for (var warm : PointRecords.warm(journal)) {
            disks.add(warm.disk());
            checkpoints.add(warm.memory());
        }
        var here = world.host.disks();
        assertThat(here.keySet()).as("disks that are referred to").containsAll(disks);
        var reached = new HashSet<DiskId>();
        for (var disk : disks) {
            for (var at = Optional.of(disk); at.isPresent() && reached.add(at.get()); at = here.get(at.get())) {
                // Whole disks only remember what they came of.
                if (here.get(at.get()).filter(base -> !here.containsKey(base)).isPresent()) break;
            }
        }
        var more = new HashSet<>(here.keySet());
        more.removeAll(reached);
        assertThat(more).as("disks that nobody needs, of %s with records %s, needed are %s", here, PointRecords.disks(journal), disks)
                .hasSizeLessThanOrEqualTo(ahead);
        assertThat(world.host.checkpoints()).as("checkpoints that are referred to").containsAll(checkpoints);
        var rest = new HashSet<>(world.host.checkpoints());
        rest.removeAll(checkpoints);
        assertThat(rest).as("checkpoints that nobody needs").hasSizeLessThanOrEqualTo(ahead);
        assertThat(world.host.running()).as("machines of instances that run").containsAll(running);
        var strangers = new HashSet<>(world.host.leftovers().keySet());
        strangers.removeAll(running);
        assertThat(strangers).as("machines that are nobody's").hasSizeLessThanOrEqualTo(ahead);
    }

    /// What is on the disk of one that does not run; empty where it was never made.
    Map<String, String> content(InstanceId id) throws IOException {
        var journal = new Journal(world.store, new StateLog());
        var record = journal.instances().stream().map(Journal.Kept::record).filter(each -> each.id().equals(id)).findFirst()
                .orElseThrow();
        var disk = record.past().disk();
        if (disk.isPresent() && world.host.disks().containsKey(disk.get())) return world.host.content(disk.get());
        return disk.flatMap(this::baseOf).map(world.host::content).orElseGet(() -> world.host.writtenWithoutDisk(id));
    }

    private boolean isMade(DiskId disk) {
        return world.host.disks().containsKey(disk) || record(disk).filter(each -> each.made()).isPresent();
    }

    private Optional<DiskId> baseOf(DiskId disk) {
        return record(disk).flatMap(each -> each.base());
    }

    private Optional<DiskRecord> record(DiskId disk) {
        try {
            return PointRecords.disks(new Journal(world.store, new StateLog())).stream().filter(each -> each.id().equals(disk))
                    .findFirst();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
