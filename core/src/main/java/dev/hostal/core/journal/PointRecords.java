package dev.hostal.core.journal;

import dev.hostal.core.journal.Journal.Kept;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Schedule;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.VolumeId;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.util.List;

/// Where disks, snapshots, schedules, pools, warm guests and heads of volumes stand in the journal.
public final class PointRecords {
    private static final String DISKS = "/disks/";
    private static final String SNAPSHOTS = "/snapshots/";
    private static final String SCHEDULES = "/schedules/";
    private static final String POOLS = "/pools/";
    private static final String WARM = "/warm/";
    private static final String HEADS = "/heads/";

    private PointRecords() {}

    public static Write put(DiskRecord disk) {
        return new Write.Put(DISKS + disk.id(), PointRecordsV1.toText(disk));
    }

    public static Write delete(DiskId disk) {
        return new Write.Delete(DISKS + disk);
    }

    public static Write put(SnapshotRecord snapshot) {
        return new Write.Put(SNAPSHOTS + snapshot.id(), PointRecordsV1.toText(snapshot));
    }

    public static Write delete(SnapshotId snapshot) {
        return new Write.Delete(SNAPSHOTS + snapshot);
    }

    public static Write put(Schedule schedule) {
        return new Write.Put(SCHEDULES + schedule.instance(), PointRecordsV1.toText(schedule));
    }

    public static Write deleteSchedule(InstanceId instance) {
        return new Write.Delete(SCHEDULES + instance);
    }

    public static Write put(PoolRecord pool) {
        return new Write.Put(POOLS + pool.name(), PointRecordsV1.toText(pool));
    }

    public static Write deletePool(InstanceName pool) {
        return new Write.Delete(POOLS + pool);
    }

    public static Write put(WarmRecord warm) {
        return new Write.Put(WARM + warm.key(), PointRecordsV1.toText(warm));
    }

    public static Write deleteWarm(String key) {
        return new Write.Delete(WARM + key);
    }

    public static Write put(HeadRecord head) {
        return new Write.Put(HEADS + head.volume(), HeadsV1.toText(head));
    }

    public static Write deleteHead(VolumeId volume) {
        return new Write.Delete(HEADS + volume);
    }

    public static List<HeadRecord> heads(Journal journal) throws IOException {
        return journal.read(HEADS, HeadsV1::from).stream().map(Kept::record).toList();
    }

    public static List<DiskRecord> disks(Journal journal) throws IOException {
        return journal.read(DISKS, PointRecordsV1::diskFrom).stream().map(Kept::record).toList();
    }

    public static List<SnapshotRecord> snapshots(Journal journal) throws IOException {
        return journal.read(SNAPSHOTS, PointRecordsV1::snapshotFrom).stream().map(Kept::record).toList();
    }

    public static List<Schedule> schedules(Journal journal) throws IOException {
        return journal.read(SCHEDULES, PointRecordsV1::scheduleFrom).stream().map(Kept::record).toList();
    }

    public static List<PoolRecord> pools(Journal journal) throws IOException {
        return journal.read(POOLS, PointRecordsV1::poolFrom).stream().map(Kept::record).toList();
    }

    public static List<WarmRecord> warm(Journal journal) throws IOException {
        return journal.read(WARM, PointRecordsV1::warmFrom).stream().map(Kept::record).toList();
    }
}
