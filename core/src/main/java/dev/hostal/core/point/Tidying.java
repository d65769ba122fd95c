package dev.hostal.core.point;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.point.DiskTree.Merge;
import dev.hostal.model.DiskId;
import dev.hostal.model.Kind;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Removes what nobody needs and merges what only carries one other. Every step may fail and is tried again the next
/// time; none loses anything. Any thread may ask; one tidies at a time.
public final class Tidying {
    /// Chosen: each layer costs QEMU a file and every first read of a block a look.
    private static final int CHAIN_MAX = 24;
    /// Where a chain is that long it is merged although somebody waits for it. Chosen.
    private static final int CHAIN_YIELDS = 2 * CHAIN_MAX;
    /// To copy a layer. Chosen: 1 TiB at 100 MB/s takes three hours.
    private static final Duration MERGE_MAX = Duration.ofHours(4);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int TRIES_MAX = 100;
    /// The longest pause before what failed is tried again. Chosen.
    private static final Duration AGAIN_MAX = Duration.ofMinutes(1);

    private final Points points;
    private final Journal journal;
    private final StateLog log;
    private final Map<Kind, PointsInTime> hosts;
    private final TreeLocks locks = new TreeLocks();
    private final ReentrantLock alone = new ReentrantLock();
    private final Semaphore asked = new Semaphore(0);

    public Tidying(Points points, Journal journal, StateLog log, Map<Kind, PointsInTime> hosts) {
        this.points = points;
        this.journal = journal;
        this.log = log;
        this.hosts = Map.copyOf(hosts);
    }

    /// The driver's side, of a kind that is kept.
    public PointsInTime host(Kind kind) {
        return hosts.get(kind);
    }

    /// The drivers' sides.
    public Collection<PointsInTime> hosts() {
        return hosts.values();
    }

    /// Keeps merges away from the disk's tree until closed, by the same thread.
    public Held share(DiskId disk) throws InterruptedException {
        return locks.share(treeOf(disk));
    }

    /// The same for the trees of several disks. Whoever merges does not wait for them, so that their order is of no matter.
    public Held share(List<DiskId> disks) throws InterruptedException {
        var held = new ArrayDeque<Held>();
        Held all = () -> held.forEach(Held::close);
        boolean done = false;
        try {
            for (var disk : disks) {
                held.push(share(disk));
            }
            done = true;
            return all;
        } finally {
            if (!done) all.close();
        }
    }

    /// Whether the disk's tree is being merged now: [#share] would wait, or end it.
    public boolean isMerging(DiskId disk) {
        return locks.isAlone(treeOf(disk));
    }

    /// Tidies soon, on the thread that runs [#run].
    public void ask() {
        asked.release();
    }

    /// Tidies whenever asked, and again where something could not be removed, until interrupted.
    public void run() throws InterruptedException {
        var again = PAUSE;
        boolean done = true;
        while (true) {
            if (done) asked.acquire();
            else asked.tryAcquire(again.toMillis(), TimeUnit.MILLISECONDS);
            asked.drainPermits();
            done = sweep();
            again = done ? PAUSE : again.multipliedBy(2).compareTo(AGAIN_MAX) < 0 ? again.multipliedBy(2) : AGAIN_MAX;
            for (var merge : points.mergesOfLongChains(points.tree(), CHAIN_MAX)) {
                boolean yields = points.tree().chain(merge.disk()).size() <= CHAIN_YIELDS;
                mergeAll(List.of(merge), yields ? yielding(treeOf(merge.disk())) : Progress.NONE);
            }
            var ofVolumes = points.mergesOfVolumes(points.tree());
            if (!ofVolumes.isEmpty() && mergeAll(ofVolumes, Progress.NONE)) done &= sweep();
        }
    }

    /// What is on the host and in no record goes; records whose disk was never made go, too.
    public void compare() throws IOException, InterruptedException {
        alone.lockInterruptibly();
        try {
            for (var host : hosts.values()) {
                compare(host);
            }
        } finally {
            alone.unlock();
        }
    }

    private void compare(PointsInTime host) throws IOException, InterruptedException {
        var here = new HashMap<DiskId, Optional<DiskId>>();
        for (var disk : host.disks()) {
            here.put(disk.id(), disk.base());
        }
        // Records come before disks: what was on the host when it was asked has one by now, or has lost it.
        var known = new HashSet<DiskId>();
        points.disks().forEach(disk -> known.add(disk.id()));
        for (var disk : new DiskTree(here, known).unneeded()) {
            tryTo("remove disk " + disk, () -> host.ensureDiskAbsent(disk));
        }
        host.checkpoints().forEach(checkpoint -> points.found(checkpoint.id()));
    }

    /// Removes what nobody needs.
    ///
    /// @return whether all of it is gone
    public boolean sweep() throws InterruptedException {
        boolean done = true;
        alone.lockInterruptibly();
        try {
            for (var checkpoint : points.unneeded()) {
                done &= tryTo("remove checkpoint " + checkpoint, () -> {
                    for (var host : hosts.values()) {
                        host.ensureCheckpointAbsent(checkpoint);
                    }
                    points.forget(checkpoint);
                });
            }
            var failed = new HashSet<DiskId>();
            for (var disk : points.tree().unneeded()) {
                // What lies over it is still there.
                if (isUnder(disk, failed)) continue;
                boolean gone = tryTo("remove disk " + disk, () -> {
                    var record = points.disk(disk);
                    if (record.isPresent()) host(record.get().kind()).ensureDiskAbsent(disk);
                    journal.write(List.of(), List.of(PointRecords.delete(disk)));
                    points.forget(disk);
                });
                if (!gone) failed.add(disk);
            }
            return done && failed.isEmpty();
        } finally {
            alone.unlock();
        }
    }

    /// Gives back all space of the tree that the disk is in, as far as its machines allow now.
    public void giveBack(DiskId disk, Progress progress) throws InterruptedException {
        sweep();
        for (int attempt = 0; attempt < TRIES_MAX; attempt++) {
            var merges = points.tree().merges().stream().filter(merge -> treeOf(merge.disk()).equals(treeOf(disk)))
                    .filter(merge -> points.usersOf(merge.disk()).size() <= 1).toList();
            if (merges.isEmpty() || mergeAll(merges, progress)) break;
            Thread.sleep(PAUSE);
        }
        if (!sweep()) ask();
    }

    /// Frees the disks from everything that they lie over.
    public void free(List<DiskId> disks, Progress progress) throws IOException, InterruptedException {
        for (var disk : disks) {
            for (int attempt = 1; ; attempt++) {
                if (merge(new Merge(disk, Optional.empty()), progress)) break;
                if (attempt == TRIES_MAX) throw new IOException("The disk is in use by several machines or being "
                        + "changed; it was not freed.\nMaybe stop those that were forked of it, or try again.");
                Thread.sleep(PAUSE);
            }
        }
    }

    /// @return whether nothing more can be done now
    private boolean mergeAll(List<Merge> merges, Progress progress) throws InterruptedException {
        boolean done = true;
        for (var merge : merges) {
            try {
                done &= merge(merge, progress);
            } catch (IOException | Problem e) {
                log.warn("disk.merge", "disk", merge.disk(), "because", e.getMessage());
            }
        }
        return done;
    }

    /// Ends a merge that nobody has asked for where somebody waits for the tree: a fork is not to wait for what can be done
    /// later.
    private Progress yielding(DiskId tree) {
        return (_, _, _) -> {
            if (locks.isWanted(tree)) throw new Problem(ErrorCode.BUSY, "Somebody needs the disk now; it is merged later.");
        };
    }

    /// @return whether it was done
    private boolean merge(Merge merge, Progress progress) throws IOException, InterruptedException {
        alone.lockInterruptibly();
        try {
            var held = locks.tryAlone(treeOf(merge.disk()));
            if (held.isEmpty()) return false;
            try (var _ = held.get()) {
                var before = points.disk(merge.disk());
                // Somebody may have needed what lies between since it was looked at.
                boolean asked = merge.base().isEmpty() || points.tree().merges().contains(merge);
                if (before.isEmpty() || !asked) return true;
                var users = points.usersOf(merge.disk());
                if (users.size() > 1) return false;
                progress.report("merging disks");
                // One that was never started with is made now, as its first start would.
                var host = host(before.get().kind());
                if (!before.get().made()) {
                    host.ensureDisk(merge.disk(), before.get().base(), before.get().size(), Deadline.in(MERGE_MAX));
                }
                host.rebaseDisk(merge.disk(), merge.base(), users.stream().findFirst(), progress,
                        Deadline.in(MERGE_MAX));
                var after = before.get().over(merge.base()).seen();
                journal.writeForSure(List.of(), List.of(PointRecords.put(after)));
                points.show(after);
                return true;
            }
        } finally {
            alone.unlock();
        }
    }

    private DiskId treeOf(DiskId disk) {
        return points.disk(disk).map(each -> each.tree()).orElse(disk);
    }

    private boolean isUnder(DiskId disk, Set<DiskId> others) {
        var tree = points.tree();
        return others.stream().anyMatch(other -> tree.chain(other).contains(disk));
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private boolean tryTo(String what, Step step) throws InterruptedException {
        try {
            step.run();
            return true;
        } catch (IOException | Problem e) {
            if (!journal.isClosed()) log.warn("disk.tidy", "step", what, "because", e.getMessage());
            return false;
        }
    }

    /// For tests and faces: what each disk takes on the host.
    public Map<DiskId, PointsInTime.Disk> onHost() throws IOException, InterruptedException {
        var disks = new HashMap<DiskId, PointsInTime.Disk>();
        for (var host : hosts.values()) {
            host.disks().forEach(disk -> disks.put(disk.id(), disk));
        }
        return disks;
    }
}
