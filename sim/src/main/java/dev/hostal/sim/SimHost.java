package dev.hostal.sim;

import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.VolumeId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// A simulated host: what is on it stays when a daemon dies. The same seed gives the same boot times.
public final class SimHost {
    /// About the time that a tiny guest takes by emulation.
    private static final Duration BOOT_MIN = Duration.ofSeconds(4);
    private static final int BOOT_SPREAD_MILLIS = 2000;

    private final SimTime time;
    private final Random random;
    private final Map<String, SimBox> boxes = new ConcurrentHashMap<>();
    private final Map<VolumeId, byte[]> volumes = new ConcurrentHashMap<>();
    private final SimRegistry registry;
    private final SimDisks disks = new SimDisks();
    private volatile boolean diskFull;
    private volatile boolean deafGuests;
    private volatile boolean failingBoots;

    public SimHost(long seed, SimTime time) {
        this.time = time;
        this.random = new Random(seed);
        this.registry = new SimRegistry(time);
    }

    /// A new daemon's view of this host.
    public SimSession connect() {
        return new SimSession(this);
    }

    public SimTime time() {
        return time;
    }

    /// From now on no disk can be made.
    public void fillDisk(boolean full) {
        diskFull = full;
    }

    /// Machines started from now on do not listen when they are asked to end.
    public void deafenGuests(boolean deaf) {
        deafGuests = deaf;
    }

    /// From now on kernels stop on their way up.
    public void breakBoots(boolean broken) {
        failingBoots = broken;
    }

    /// Ends a machine from outside, as a kill of its process does.
    public void crash(InstanceId id) {
        find(id.brief()).flatMap(SimBox::vm).ifPresent(SimVm::kill);
    }

    /// Ends all machines from outside.
    public void crashAll() {
        boxes.values().forEach(box -> box.vm().ifPresent(SimVm::kill));
    }

    /// Ids of machines that run.
    public Set<String> running() {
        var running = new TreeSet<String>();
        boxes.forEach((id, box) -> box.vm().ifPresent(_ -> running.add(id)));
        return running;
    }

    /// Everything there is of instances, by brief id: disks, runtime folders, machines.
    public Map<String, String> contents() {
        var contents = new TreeMap<String, String>();
        boxes.forEach((id, box) -> {
            if (!box.isEmpty()) contents.put(id, box.toString().strip());
        });
        return contents;
    }

    /// What must not be there of instances that do not run: machines and their runtime folders.
    public Map<String, String> leftovers() {
        var leftovers = new TreeMap<String, String>();
        boxes.forEach((id, box) -> {
            if (!box.isIdle()) leftovers.put(id, box.toString().strip());
        });
        return leftovers;
    }

    /// Ids of volumes of which something is here.
    public Set<String> volumeIds() {
        var ids = new TreeSet<String>();
        volumes.keySet().forEach(id -> ids.add(id.value()));
        return ids;
    }

    Map<VolumeId, byte[]> volumes() {
        return volumes;
    }

    /// What a disk holds, as a guest reads it.
    public Map<String, String> content(DiskId disk) {
        return disks.content(disk);
    }

    /// What the file of a volume holds that lies below no disk.
    public Map<String, String> content(VolumeId volume) {
        return disks.raw(SimVolumes.placeOf(volume));
    }

    /// Every disk and what it lies over.
    public Map<DiskId, Optional<DiskId>> disks() {
        return disks.bases();
    }

    public Set<CheckpointId> checkpoints() {
        return disks.checkpoints().keySet();
    }

    /// What happened to disks that never must.
    public List<String> violations() {
        return disks.violations();
    }

    /// Loses a disk, as a fault of the host does.
    public void lose(DiskId disk) {
        disks.lose(disk);
    }

    /// The guest writes a file; nothing happens where it does not run.
    public void write(InstanceId id, String name, String text) {
        find(id.brief()).flatMap(SimBox::vm).filter(vm -> !vm.isPaused())
                .ifPresent(vm -> vm.write(Map.of(name, text.getBytes(StandardCharsets.ISO_8859_1))));
    }

    /// What the guest reads of its disk.
    public Map<String, String> read(InstanceId id) {
        return texts(find(id.brief()).flatMap(SimBox::vm).map(SimVm::files).orElse(Map.of()));
    }

    /// What was written without a disk that points in time can be kept of; the machine may be gone.
    public Map<String, String> writtenWithoutDisk(InstanceId id) {
        return texts(find(id.brief()).map(SimBox::ensureWritten).orElse(Map.of()));
    }

    private static Map<String, String> texts(Map<String, byte[]> files) {
        var texts = new TreeMap<String, String>();
        files.forEach((name, bytes) -> texts.put(name, new String(bytes, StandardCharsets.ISO_8859_1)));
        return texts;
    }

    /// The guest writes a file to its volume at that place; nothing happens where it does not run.
    public void writeTo(InstanceId id, String place, String name, String text) {
        find(id.brief()).flatMap(SimBox::vm).filter(vm -> !vm.isPaused()).ifPresent(vm -> vm.writeTo(place, name, text));
    }

    /// What the guest reads of its volume at that place.
    public Map<String, String> readFrom(InstanceId id, String place) {
        return find(id.brief()).flatMap(SimBox::vm).map(vm -> vm.readFrom(place)).orElse(Map.of());
    }

    /// The guest counts in its memory; nothing happens where it does not run.
    public void count(InstanceId id, long by) {
        find(id.brief()).flatMap(SimBox::vm).ifPresent(vm -> vm.count(by));
    }

    /// What the guest has counted in its memory.
    public Optional<Long> counter(InstanceId id) {
        return find(id.brief()).flatMap(SimBox::vm).map(SimVm::counter);
    }

    /// The host name that the guest has.
    public Optional<String> hostname(InstanceId id) {
        return find(id.brief()).flatMap(SimBox::vm).map(SimVm::identity);
    }

    SimDisks diskTable() {
        return disks;
    }

    /// Writes down where another machine than the user has the disk open, itself or under others.
    void requireOnlyUser(DiskId disk, Optional<InstanceId> user) {
        boxes.values().forEach(box -> box.vm().ifPresent(vm -> {
            if (user.filter(vm.spec().id()::equals).isEmpty() && vm.openDisks().stream().anyMatch(own -> disks.isOver(own, disk))) {
                disks.violate("%s is in use by %s, and was taken or changed".formatted(disk, vm.spec().id().brief()));
            }
        }));
    }

    /// Writes down where another machine writes to one of the disks that this one is about to.
    void requireAlone(SimVm starting) {
        var written = starting.writtenVolumes().values();
        boxes.values().forEach(box -> box.vm().filter(vm -> vm != starting).ifPresent(vm -> {
            if (vm.openDisks().stream().anyMatch(written::contains)) disks.violate("%s and %s have the same volume"
                    .formatted(vm.spec().id().brief(), starting.spec().id().brief()));
        }));
    }

    SimRegistry registry() {
        return registry;
    }

    SimBox box(String briefId) {
        return boxes.computeIfAbsent(briefId, _ -> new SimBox());
    }

    Optional<SimBox> find(String briefId) {
        return Optional.ofNullable(boxes.get(briefId));
    }

    Map<String, SimBox> boxes() {
        return boxes;
    }

    void forget(String briefId) {
        boxes.remove(briefId);
    }

    boolean isDiskFull() {
        return diskFull;
    }

    boolean hasDeafGuests() {
        return deafGuests;
    }

    boolean hasFailingBoots() {
        return failingBoots;
    }

    Duration bootTime() {
        synchronized (random) {
            return BOOT_MIN.plusMillis(random.nextInt(BOOT_SPREAD_MILLIS));
        }
    }
}
