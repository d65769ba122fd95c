package dev.hostal.core.volume;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Volumes;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Jobs;
import dev.hostal.core.operation.Task;
import dev.hostal.core.point.Points;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Mount;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.VolumeDriver;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// Volumes as faces and instances ask for them. What is meant is journalled before it is done, and a volume that
/// somebody needs is not deleted.
public final class VolumeDesk implements Volumes {
    /// How long making a disk, or a copy, may take. Chosen.
    private static final Duration WORK_MAX = Duration.ofHours(6);
    private static final int NAMES_SHOWN_MAX = 5;

    private final Records records;
    private final VolumeDriver driver;
    private final VolumeTable table = new VolumeTable();
    private final Holdings holdings;
    private final VolumeDisks disks;
    private final LayeredVolumes layered;
    private final Jobs jobs;
    /// Held while a volume is deleted, and while something that needs it comes into being.
    private final ReentrantLock use = new ReentrantLock();

    /// @param records where changes are written and told
    /// @param tidying where a driver keeps points in time
    public VolumeDesk(Records records, VolumeDriver driver, Points points, Optional<Tidying> tidying) {
        this.records = records;
        this.driver = driver;
        this.jobs = new Jobs(records.journal(), records.log());
        this.holdings = new Holdings(table, driver, points, records.instances());
        this.disks = new VolumeDisks(table, holdings, driver, use);
        this.layered = new LayeredVolumes(driver, points, tidying);
    }

    /// Those that are disks, for points in time.
    public VolumeDisks disks() {
        return disks;
    }

    // ---- start and end

    /// Brings back what the journal remembers. To be called before anything else.
    public void load() throws IOException {
        for (var kept : records.journal().volumes()) {
            table.put(kept.record());
        }
    }

    /// Removes what nobody owns, once everything that goes on is known. What was acknowledged and is missing is made.
    ///
    /// @param known whether there is such an instance, or it is being made
    public void settle(Predicate<InstanceId> known) throws IOException {
        var stale = new ArrayList<Write>();
        records.journal().volumeNames().forEach((name, id) -> {
            if (!table.holds(name, id)) stale.add(Journal.delete(name));
        });
        for (var write : stale) {
            records.journal().write(List.of(), List.of(write));
        }
        for (var volume : table.list()) {
            if (volume.leaves() && !known.test(volume.maker().orElseThrow())) forget(volume);
        }
        jobs.chore("volumes", () -> {
            for (var volume : table.list()) {
                ensure(volume);
            }
            for (var id : driver.known()) {
                if (!table.knows(id)) driver.ensureAbsent(id);
            }
        });
    }

    /// Goes on with an operation whose beginning is journalled.
    public void goOn(Task task) {
        switch ((Request.OfVolume) task.request()) {
            case Request.CopyVolume(var volume, var source) -> {
                table.reserve(volume.name(), volume.id());
                begin(task, () -> copy(task, volume, source), problem -> giveUp(task, volume, problem));
            }
            case Request.DeleteVolume(var id, _) -> begin(task, () -> {
                driver.ensureAbsent(id);
                records.end(records.operations().succeed(task));
            }, problem -> records.end(records.operations().fail(task, problem)));
        }
    }

    public void close() {
        jobs.close();
    }

    // ---- for instances

    /// Makes the volumes that a new instance names, and those that its image declares; nobody deletes them until
    /// [#unclaim].
    ///
    /// @param declared paths in the image whose content is kept apart
    /// @return the spec with every volume named
    /// @throws Problem BAD_REQUEST, NO_SPACE
    public InstanceSpec claim(InstanceId id, InstanceSpec spec, List<String> declared)
            throws IOException, InterruptedException {
        if (spec.mounts().isEmpty() && declared.isEmpty()) return spec;
        var mounts = new ArrayList<>(spec.mounts());
        var targets = new HashSet<String>();
        for (var mount : mounts) {
            if (!targets.add(mount.target())) throw Problem.badMember("mounts",
                    "Two mounts have the same place %s.".formatted(mount.target()));
            if (mount.type().equals(Mount.BIND)) driver.ensureSource(Path.of(mount.source()), mount.is("create"));
        }
        // A virtual machine has a disk of its own for what its image wants kept apart.
        for (var path : spec.kind() == Kind.CONTAINER ? declared : List.<String>of()) {
            var mount = new Mount(Mount.VOLUME, "", path, false, Map.of());
            if (targets.add(mount.target())) mounts.add(mount);
        }
        use.lockInterruptibly();
        try {
            for (int i = 0; i < mounts.size(); i++) {
                if (mounts.get(i).isVolume()) mounts.set(i, ensured(id, spec, mounts.get(i)));
            }
            holdings.claim(id, mounts);
        } finally {
            use.unlock();
        }
        return spec.mounting(mounts);
    }

    public void unclaim(InstanceId id) {
        use.lock();
        try {
            holdings.unclaim(id);
        } finally {
            use.unlock();
        }
    }

    /// To be called when an instance is gone, or never came to be.
    public void left(InstanceId id, boolean neverWas) {
        for (var volume : table.list()) {
            boolean goes = volume.maker().filter(id::equals).isPresent() && (volume.leaves() || neverWas);
            if (goes && !records.journal().isClosed()) removeNow(volume);
        }
    }

    @Override public void leaveWith(InstanceId id) {
        for (var volume : table.list()) {
            if (volume.maker().filter(id::equals).isEmpty() || volume.leaves()) continue;
            records.journal().write(List.of(), List.of(Journal.put(volume.leaving())));
            table.put(volume.leaving());
        }
    }

    /// What the instance's driver is given.
    ///
    /// @throws Problem VOLUME_NOT_FOUND, IN_USE, BAD_REQUEST
    public List<MachineMount> mounts(InstanceId id, InstanceSpec spec) throws IOException {
        for (var mount : spec.mounts()) {
            if (mount.type().equals(Mount.BIND)) driver.ensureSource(Path.of(mount.source()), mount.is("create"));
        }
        return holdings.mounts(id, spec);
    }

    private Mount ensured(InstanceId id, InstanceSpec spec, Mount mount) throws IOException, InterruptedException {
        if (!mount.source().isEmpty()) {
            var name = new VolumeName(mount.source());
            if (table.find(name).isEmpty()) make(records.volume(Optional.of(name), Optional.empty(), Map.of()));
            return mount;
        }
        // The same for the same place, so that a creation that is gone on with makes no second one.
        var bytes = UUID.nameUUIDFromBytes((id.value() + mount.target()).getBytes(StandardCharsets.UTF_8));
        var own = new VolumeId(bytes.toString().replace("-", ""));
        var name = new VolumeName(own.value());
        if (table.find(name).isEmpty()) make(new Volume(own, name, Optional.empty(), false, Optional.empty(), Map.of(),
                Optional.of(id), spec.autoRemove(), records.clock().instant()));
        return mount.of(name);
    }

    // ---- for faces

    @Override public View create(Wanted wanted) throws IOException, InterruptedException {
        var volume = records.volume(wanted.name(), wanted.size(), wanted.labels());
        make(volume);
        return new View(volume, List.of(), Optional.of(driver.used(volume.id())));
    }

    @Override public List<View> list() {
        use.lock();
        try {
            return table.list().stream().map(volume -> new View(volume, holdings.users(volume), Optional.empty())).toList();
        } finally {
            use.unlock();
        }
    }

    @Override public View get(String nameOrId) throws IOException, InterruptedException {
        var volume = table.get(nameOrId);
        return new View(volume, users(volume), Optional.of(layered.used(volume)));
    }

    @Override public Operation delete(String nameOrId) {
        Task task;
        use.lock();
        try {
            var volume = table.get(nameOrId);
            var users = holdings.users(volume);
            if (!users.isEmpty()) throw new Problem(ErrorCode.IN_USE, "Volume %s is in use by %s%s.\nMaybe delete %s first."
                    .formatted(volume.name(), shown(users), layered.heldBy(volume), users.size() == 1 ? "it" : "them"));
            task = records.operations().draft(new Request.DeleteVolume(volume.id(), volume.name()), volume.id().value());
            records.journal().write(List.of(), List.of(Journal.delete(volume.id()), Journal.delete(volume.name()),
                    PointRecords.deleteHead(volume.id()), Journal.put(task.record())));
            table.remove(volume);
            layered.forget(volume);
            records.tell("volume.deleted", volume);
        } finally {
            use.unlock();
        }
        records.operations().publish(task);
        goOn(task);
        return task.picture();
    }

    @Override public Pruned prune(boolean all) throws IOException, InterruptedException {
        var names = new ArrayList<VolumeName>();
        var freed = Bytes.ZERO;
        for (var volume : table.list()) {
            if (!all && !volume.isNameless()) continue;
            Bytes used;
            use.lock();
            try {
                if (!holdings.users(volume).isEmpty() || table.find(volume.id()).isEmpty()) continue;
                used = layered.used(volume);
                forget(volume);
            } finally {
                use.unlock();
            }
            freed = freed.plus(used);
            driver.ensureAbsent(volume.id());
            names.add(volume.name());
        }
        return new Pruned(names, freed);
    }

    @Override public Operation copy(String nameOrId, Wanted wanted, boolean readOnly) {
        var source = table.get(nameOrId);
        holdings.beginToRead(source);
        holdings.endToRead(source);
        var made = records.volume(wanted.name(), source.size(), wanted.labels());
        var volume = new Volume(made.id(), made.name(), made.size(), readOnly, Optional.of(source.name()), made.labels(),
                Optional.empty(), false, made.createdAt());
        table.reserve(volume.name(), volume.id());
        boolean begun = false;
        try {
            var task = records.operations().draft(new Request.CopyVolume(volume, source.id()), volume.id().value());
            records.journal().write(List.of(Journal.absent(volume.name())),
                    List.of(Journal.put(volume.name(), volume.id()), Journal.put(task.record())));
            records.operations().publish(task);
            begun = true;
            goOn(task);
            return task.picture();
        } finally {
            if (!begun) table.release(volume.name(), volume.id());
        }
    }

    @Override public void export(String nameOrId, OutputStream out, Deadline deadline)
            throws IOException, InterruptedException {
        var volume = table.get(nameOrId);
        holdings.beginToRead(volume);
        try {
            layered.export(volume, out, deadline);
        } finally {
            holdings.endToRead(volume);
        }
    }

    @Override public void importTar(String nameOrId, InputStream tar, Deadline deadline)
            throws IOException, InterruptedException {
        var volume = table.get(nameOrId);
        if (volume.readOnly()) throw new Problem(ErrorCode.UNSUPPORTED, """
                Volume %s is a snapshot, to which nobody writes.
                Maybe make a clone of it: hostal volume clone""".formatted(volume.name()));
        driver.importTar(volume.id(), tar, deadline);
        records.tell("volume.imported", volume);
    }

    // ---- steps

    private void begin(Task task, Jobs.Job job, Jobs.Rescue rescue) {
        jobs.begin(task.request().verb() + "-" + task.record().target(), task, job, rescue);
    }

    private void make(Volume volume) throws IOException, InterruptedException {
        table.reserve(volume.name(), volume.id());
        boolean made = false;
        try {
            records.journal().write(List.of(Journal.absent(volume.name())),
                    List.of(Journal.put(volume), Journal.put(volume.name(), volume.id())));
            ensure(volume);
            table.put(volume);
            made = true;
        } finally {
            if (!made) takeBack(volume);
        }
        records.tell("volume.created", volume);
    }

    private void takeBack(Volume volume) throws IOException {
        if (!records.journal().isClosed()) {
            driver.ensureAbsent(volume.id());
            records.journal().write(List.of(), List.of(Journal.delete(volume.id()), Journal.delete(volume.name())));
        }
        table.release(volume.name(), volume.id());
    }

    private void ensure(Volume volume) throws IOException, InterruptedException {
        if (layered.is(volume)) return;
        if (volume.isBlock()) driver.ensureBlock(volume.id(), volume.size().orElseThrow(), Deadline.in(WORK_MAX));
        else driver.ensureFiles(volume.id());
    }

    private void copy(Task task, Volume volume, VolumeId source) throws IOException, InterruptedException {
        var original = table.find(source).orElseThrow(() -> new Problem(ErrorCode.VOLUME_NOT_FOUND,
                "The volume %s to be copied is gone.".formatted(volume.source().map(VolumeName::value).orElse(""))));
        task.report("copying", 0, 0);
        holdings.beginToRead(original);
        VolumeDriver.Copied how;
        try {
            how = layered.copy(original, volume.id(), task, Deadline.in(WORK_MAX));
        } finally {
            holdings.endToRead(original);
        }
        task.report(switch (how) {
            case SHARED -> "shared with " + volume.source().orElseThrow() + " by the file system";
            case WHOLE -> "copied whole: the file system cannot share files";
        });
        var ending = records.operations().succeed(task);
        var writes = new ArrayList<>(ending.writes());
        writes.add(Journal.put(volume));
        records.journal().writeForSure(List.of(), writes);
        table.put(volume);
        records.tell("volume.created", volume);
        records.operations().end(ending);
    }

    private void giveUp(Task task, Volume volume, Problem problem) throws InterruptedException {
        try {
            driver.ensureAbsent(volume.id());
        } catch (IOException e) {
            records.log().warn("volume.leftover", "volume", volume.id(), "because", e);
        }
        var ending = records.operations().fail(task, problem);
        var writes = new ArrayList<>(ending.writes());
        writes.add(Journal.delete(volume.name()));
        records.journal().writeForSure(List.of(), writes);
        table.release(volume.name(), volume.id());
        records.operations().end(ending);
    }

    private void removeNow(Volume volume) {
        use.lock();
        try {
            if (!holdings.users(volume).isEmpty()) return;
            forget(volume);
        } finally {
            use.unlock();
        }
        jobs.chore("remove-volume-" + volume.id(), () -> driver.ensureAbsent(volume.id()));
    }

    /// Its files go afterwards; should the daemon die before, the next one finds that nobody owns them.
    private void forget(Volume volume) {
        records.journal().write(List.of(), List.of(Journal.delete(volume.id()), Journal.delete(volume.name()),
                PointRecords.deleteHead(volume.id())));
        table.remove(volume);
        layered.forget(volume);
        records.tell("volume.deleted", volume);
    }

    private List<String> users(Volume volume) {
        use.lock();
        try {
            return holdings.users(volume);
        } finally {
            use.unlock();
        }
    }

    private static String shown(List<String> users) {
        var some = String.join(", ", users.subList(0, Math.min(users.size(), NAMES_SHOWN_MAX)));
        return users.size() > NAMES_SHOWN_MAX ? some + " and others" : some;
    }
}
