package dev.hostal.core.point;

import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.HeadRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.PoolRecord;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.core.journal.WarmRecord;
import dev.hostal.core.point.DiskTree.Merge;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Schedule;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.VolumeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is in the journal of disks, snapshots, schedules, pools, warm guests and heads of volumes, and who needs which
/// disk and which checkpoint. Whoever writes to the journal shows it here afterwards: new needs before new disks. Any
/// thread may ask.
public final class Points {
    /// @param alive its machine has its disks open, or may have
    /// @param volumes that are disks, which it mounts
    private record User(Past past, boolean alive, Set<VolumeId> volumes) {}

    private final RandomGenerator random;
    private final Map<DiskId, DiskRecord> disks = new HashMap<>();
    private final Map<SnapshotId, SnapshotRecord> snapshots = new LinkedHashMap<>();
    private final Map<InstanceId, Schedule> schedules = new HashMap<>();
    private final Map<InstanceName, PoolRecord> pools = new HashMap<>();
    private final Map<String, WarmRecord> warm = new HashMap<>();
    private final Map<InstanceId, User> users = new HashMap<>();
    /// What is written to of volumes that points in time are kept of.
    private final Map<VolumeId, DiskId> heads = new HashMap<>();
    /// Disks that work under way needs, which no record says.
    private final Map<DiskId, Integer> held = new HashMap<>();
    /// Checkpoints that work under way needs, which no record says.
    private final Set<CheckpointId> heldCheckpoints = new HashSet<>();
    /// Keys of warm guests that are being made.
    private final Set<String> warming = new HashSet<>();
    /// Checkpoints that are on the host, or may be.
    private final Set<CheckpointId> checkpoints = new HashSet<>();

    public Points(RandomGenerator random) {
        this.random = random;
    }

    /// @throws IOException a record cannot be read; nothing was changed
    public synchronized void load(Journal journal) throws IOException {
        PointRecords.disks(journal).forEach(disk -> disks.put(disk.id(), disk));
        PointRecords.snapshots(journal).stream().sorted(Comparator.comparing(SnapshotRecord::createdAt))
                .forEach(snapshot -> snapshots.put(snapshot.id(), snapshot));
        PointRecords.schedules(journal).forEach(schedule -> schedules.put(schedule.instance(), schedule));
        PointRecords.pools(journal).forEach(pool -> pools.put(pool.name(), pool));
        PointRecords.warm(journal).forEach(each -> warm.put(each.key(), each));
        PointRecords.heads(journal).forEach(head -> heads.put(head.volume(), head.disk()));
    }

    public InstanceId newInstance() {
        synchronized (random) {
            return InstanceId.random(random);
        }
    }

    public DiskId newDisk() {
        synchronized (random) {
            return DiskId.random(random);
        }
    }

    public CheckpointId newCheckpoint() {
        synchronized (random) {
            return CheckpointId.random(random);
        }
    }

    public SnapshotId newSnapshot() {
        synchronized (random) {
            return SnapshotId.random(random);
        }
    }

    // ---- what was journalled

    public synchronized void show(InstanceId instance, Past past, boolean alive, Set<VolumeId> volumes) {
        users.put(instance, new User(past, alive, Set.copyOf(volumes)));
        past.turn().flatMap(Past.Turn::checkpoint).ifPresent(checkpoints::add);
        past.memory().ifPresent(checkpoints::add);
    }

    public synchronized void forget(InstanceId instance) {
        users.remove(instance);
        schedules.remove(instance);
        snapshots.values().removeIf(snapshot -> snapshot.instance().equals(instance));
    }

    public synchronized void show(DiskRecord disk) {
        disks.put(disk.id(), disk);
    }

    public synchronized void forget(DiskId disk) {
        disks.remove(disk);
    }

    public synchronized void show(HeadRecord head) {
        heads.put(head.volume(), head.disk());
    }

    public synchronized void forget(VolumeId volume) {
        heads.remove(volume);
    }

    public synchronized void show(SnapshotRecord snapshot) {
        snapshots.put(snapshot.id(), snapshot);
    }

    public synchronized void forget(SnapshotId snapshot) {
        snapshots.remove(snapshot);
    }

    public synchronized void show(Schedule schedule) {
        schedules.put(schedule.instance(), schedule);
    }

    public synchronized void forgetSchedule(InstanceId instance) {
        schedules.remove(instance);
    }

    public synchronized void show(PoolRecord pool) {
        pools.put(pool.name(), pool);
    }

    public synchronized void forgetPool(InstanceName pool) {
        pools.remove(pool);
    }

    public synchronized void show(WarmRecord record) {
        warm.put(record.key(), record);
    }

    public synchronized void forgetWarm(String key) {
        warm.remove(key);
    }

    /// Found on the host.
    synchronized void found(CheckpointId checkpoint) {
        checkpoints.add(checkpoint);
    }

    synchronized void forget(CheckpointId checkpoint) {
        checkpoints.remove(checkpoint);
    }

    /// Keeps a disk that no record needs yet.
    public synchronized void hold(DiskId disk) {
        held.merge(disk, 1, Integer::sum);
    }

    public synchronized void letGo(DiskId disk) {
        held.computeIfPresent(disk, (_, count) -> count == 1 ? null : count - 1);
    }

    /// Keeps a checkpoint that no record needs yet.
    public synchronized void hold(CheckpointId checkpoint) {
        heldCheckpoints.add(checkpoint);
        checkpoints.add(checkpoint);
    }

    public synchronized void letGo(CheckpointId checkpoint) {
        heldCheckpoints.remove(checkpoint);
    }

    /// Whether the caller is to make the warm guest of that key: nobody else does now, and there is none.
    public synchronized boolean claimWarm(String key) {
        return !warm.containsKey(key) && warming.add(key);
    }

    public synchronized void unclaimWarm(String key) {
        warming.remove(key);
    }

    // ---- questions

    public synchronized Optional<DiskRecord> disk(DiskId id) {
        return Optional.ofNullable(disks.get(id));
    }

    synchronized List<DiskRecord> disks() {
        return List.copyOf(disks.values());
    }

    /// In order of creation.
    public synchronized List<SnapshotRecord> snapshots(InstanceId instance) {
        return snapshots.values().stream().filter(each -> each.instance().equals(instance)).toList();
    }

    public synchronized Optional<SnapshotRecord> snapshot(SnapshotId id) {
        return Optional.ofNullable(snapshots.get(id));
    }

    /// What is written to of the volume; empty: its raw file, of which no point in time was ever kept.
    public synchronized Optional<DiskId> head(VolumeId volume) {
        return Optional.ofNullable(heads.get(volume));
    }

    /// All disks of the tree that the disk is in.
    public synchronized List<DiskId> disksOf(DiskId disk) {
        var tree = Optional.ofNullable(disks.get(disk)).map(DiskRecord::tree);
        return disks.values().stream().filter(each -> tree.filter(each.tree()::equals).isPresent()).map(DiskRecord::id).toList();
    }

    /// In order of creation.
    public synchronized List<SnapshotRecord> snapshotsWith(VolumeId volume) {
        return snapshots.values().stream().filter(each -> each.volumes().containsKey(volume)).toList();
    }

    /// An instance whose turn of the volume's disk is not seen to end, or whose memory goes with it.
    public synchronized Optional<InstanceId> dependentOn(VolumeId volume) {
        return users.entrySet().stream().filter(each -> {
            var past = each.getValue().past;
            return past.turn().filter(turn -> turn.volumes().containsKey(volume)).isPresent()
                    || past.memory().isPresent() && each.getValue().volumes.contains(volume);
        }).map(Map.Entry::getKey).findFirst();
    }

    public synchronized Collection<Schedule> schedules() {
        return List.copyOf(schedules.values());
    }

    public synchronized Optional<Schedule> schedule(InstanceId instance) {
        return Optional.ofNullable(schedules.get(instance));
    }

    public synchronized List<PoolRecord> pools() {
        return pools.values().stream().sorted(Comparator.comparing(PoolRecord::createdAt)).toList();
    }

    public synchronized Optional<PoolRecord> pool(InstanceName name) {
        return Optional.ofNullable(pools.get(name));
    }

    public synchronized Optional<WarmRecord> warm(String key) {
        return Optional.ofNullable(warm.get(key));
    }

    /// Least recently used first.
    public synchronized List<WarmRecord> warm() {
        return warm.values().stream().sorted(Comparator.comparing(WarmRecord::usedAt)).toList();
    }

    public synchronized Optional<Past> past(InstanceId instance) {
        return Optional.ofNullable(users.get(instance)).map(User::past);
    }

    /// Linked clones of the instance, or of that snapshot of it.
    public synchronized List<InstanceId> clonesOf(InstanceId instance, Optional<SnapshotId> snapshot) {
        return users.entrySet().stream().filter(each -> each.getValue().past.origin()
                .filter(origin -> origin.instance().equals(instance)
                        && (snapshot.isEmpty() || origin.snapshot().equals(snapshot))).isPresent())
                .map(Map.Entry::getKey).toList();
    }

    /// What lies over what, and what is needed.
    public synchronized DiskTree tree() {
        var bases = new HashMap<DiskId, Optional<DiskId>>();
        disks.values().forEach(disk -> bases.put(disk.id(), disk.base()));
        var needed = new HashSet<>(held.keySet());
        users.values().forEach(user -> {
            needed.addAll(disksOf(user.past));
            memoryDisk(user.past).ifPresent(needed::add);
            if (user.past.memory().isPresent()) {
                headsOf(user).map(disks::get).filter(Objects::nonNull).flatMap(head -> head.base().stream()).forEach(needed::add);
            }
        });
        needed.addAll(heads.values());
        snapshots.values().forEach(snapshot -> {
            needed.add(snapshot.disk());
            needed.addAll(snapshot.volumes().values());
        });
        pools.values().forEach(pool -> needed.add(pool.disk()));
        warm.values().forEach(each -> needed.add(each.disk()));
        var images = disks.values().stream().filter(DiskRecord::image).map(DiskRecord::id).collect(Collectors.toSet());
        return new DiskTree(bases, needed, images);
    }

    public synchronized boolean isNeeded(CheckpointId checkpoint) {
        return heldCheckpoints.contains(checkpoint)
                || users.values().stream().anyMatch(user -> user.past.memory().filter(checkpoint::equals).isPresent()
                        || user.past.turn().flatMap(Past.Turn::checkpoint).filter(checkpoint::equals).isPresent())
                || isKept(checkpoint);
    }

    /// Whether something goes on from it, or may, other than the turn that makes it.
    public synchronized boolean isKept(CheckpointId checkpoint) {
        return snapshots.values().stream().anyMatch(each -> each.memory().filter(checkpoint::equals).isPresent())
                || pools.values().stream().anyMatch(pool -> pool.memory().equals(checkpoint))
                || warm.values().stream().anyMatch(each -> each.memory().equals(checkpoint))
                || users.values().stream().anyMatch(user -> user.past.memory().filter(checkpoint::equals).isPresent());
    }

    /// Checkpoints that nobody needs.
    synchronized List<CheckpointId> unneeded() {
        return checkpoints.stream().filter(checkpoint -> !isNeeded(checkpoint)).toList();
    }

    /// Instances whose machines have the disk open, under others or not.
    synchronized List<InstanceId> usersOf(DiskId disk) {
        var tree = tree();
        var using = new ArrayList<InstanceId>();
        users.forEach((id, user) -> {
            if (user.alive && Stream.concat(disksOf(user.past).stream(), headsOf(user))
                    .anyMatch(each -> tree.chain(each).contains(disk))) using.add(id);
        });
        return using;
    }

    /// Merges that make the chain of a disk shorter which has become longer than that.
    List<Merge> mergesOfLongChains(DiskTree tree, int max) {
        return tree.merges().stream().filter(merge -> tree.chain(merge.disk()).size() > max).toList();
    }

    /// Merges of disks of volumes: nobody else asks for those when the last of an instance's snapshots goes with it.
    List<Merge> mergesOfVolumes(DiskTree tree) {
        Set<DiskId> trees;
        synchronized (this) {
            trees = heads.values().stream().map(disks::get).filter(Objects::nonNull).map(DiskRecord::tree)
                    .collect(Collectors.toSet());
        }
        return tree.merges().stream().filter(merge -> disk(merge.disk()).map(DiskRecord::tree).filter(trees::contains).isPresent())
                .toList();
    }

    /// Disks of the instance that lie over one that is not its own alone.
    public synchronized List<DiskId> overForeign(InstanceId instance) {
        var tree = tree();
        var own = new HashSet<DiskId>();
        Optional.ofNullable(users.get(instance)).ifPresent(user -> {
            own.addAll(disksOf(user.past));
            memoryDisk(user.past).ifPresent(own::add);
        });
        snapshots(instance).forEach(snapshot -> own.add(snapshot.disk()));
        var foreign = new HashSet<DiskId>();
        tree.needed().stream().filter(disk -> !own.contains(disk)).forEach(disk -> foreign.addAll(tree.chain(disk)));
        // What an image holds is everybody's, as a layer is; others may lie over what is its own.
        foreign.removeAll(tree.images());
        foreign.removeAll(own);
        var over = new HashSet<DiskId>();
        for (var disk : own) {
            var chain = tree.chain(disk);
            for (int i = 0; i + 1 < chain.size(); i++) {
                if (!foreign.contains(chain.get(i)) && foreign.contains(chain.get(i + 1))) over.add(chain.get(i));
            }
        }
        return over.stream().sorted(Comparator.comparing(DiskId::value)).toList();
    }

    /// The disk that the checkpoint which it goes on from was taken of: its own lies over that.
    private Optional<DiskId> memoryDisk(Past past) {
        return past.memory().isEmpty() ? Optional.empty() : past.disk().map(disks::get).flatMap(DiskRecord::base);
    }

    private static Set<DiskId> disksOf(Past past) {
        var of = new HashSet<DiskId>();
        past.disk().ifPresent(of::add);
        past.turn().ifPresent(turn -> {
            of.add(turn.disk());
            of.addAll(turn.volumes().values());
        });
        return of;
    }

    private Stream<DiskId> headsOf(User user) {
        return user.volumes.stream().map(heads::get).filter(Objects::nonNull);
    }
}
