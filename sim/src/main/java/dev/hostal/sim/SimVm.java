package dev.hostal.sim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.hostal.base.Bytes;
import dev.hostal.model.DiskId;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime.Switch;
import dev.hostal.spi.ProgramSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A simulated machine: it runs on the host, whatever becomes of the daemon.
final class SimVm {
    /// From the end of the program to the end of the machine.
    private static final Duration POWER_OFF = Duration.ofMillis(300);

    private final MachineSpec spec;
    private final SimTime time;
    private final SimLogs logs;
    private final Instant startedAt;
    private final Map<String, byte[]> files;
    private final Set<SimProcess> others = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<ExitStatus> mainEnd = new CompletableFuture<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private Optional<SimProcess> main = Optional.empty();
    private final SimDisks disks;
    /// What it writes to; empty: files of its own, which no other machine sees.
    private Optional<DiskId> disk;
    /// Its volumes that are disks, by place.
    private final Map<String, SimMount> volumes = new TreeMap<>();
    /// All there is in the memory of a simulated guest.
    private long counter;
    private String identity;
    private boolean begun;
    private boolean paused;
    private volatile boolean deaf;

    /// @param files what it has without a disk
    SimVm(MachineSpec spec, SimTime time, SimLogs logs, SimDisks disks, Map<String, byte[]> files) {
        this.spec = spec;
        this.files = files;
        this.time = time;
        this.logs = logs;
        this.disks = disks;
        disk = spec.moment().disk();
        spec.mounts().forEach(mount -> SimMount.of(mount, disks).ifPresent(volume -> volumes.put(mount.target(), volume)));
        identity = spec.hostname();
        startedAt = time.instant();
        logs.begin();
        logs.add(startedAt, MachineLogs.Stream.CONSOLE, "Booting a simulated kernel\n".getBytes());
        main = spec.program().map(this::process);
    }

    /// Goes on from the checkpoint.
    void goOnFrom(SimDisks.Saved saved) {
        synchronized (this) {
            counter = saved.counter();
            if (!spec.moment().renewed()) identity = saved.identity();
        }
        if (saved.begun()) runMain();
    }

    synchronized SimDisks.Saved save(DiskId current, List<Switch> switched) {
        var volumesThen = new TreeMap<String, DiskId>();
        switched.forEach(one -> one.place().ifPresent(place -> volumesThen.put(place, one.current())));
        return new SimDisks.Saved(current, counter, begun, identity, hardware(spec.cpus(), spec.memory(), spec.nics()), volumesThen);
    }

    /// Which a machine that goes on must have again.
    static List<String> hardware(int cpus, Bytes memory, List<MachineNic> nics) {
        return Stream.concat(Stream.of(cpus + " CPUs", memory.toString()), nics.stream().map(MachineNic::name)).toList();
    }

    synchronized Optional<DiskId> disk() {
        return disk;
    }

    synchronized void switchDisk(DiskId current, DiskId overlay) {
        if (disk.filter(overlay::equals).isPresent()) return;
        if (disk.filter(current::equals).isEmpty()) disks.violate("%s is not what %s writes to".formatted(current, spec.id()));
        disk = Optional.of(overlay);
    }

    synchronized void switchDisks(List<Switch> switches) {
        for (var one : switches) {
            if (one.place().isEmpty()) switchDisk(one.current(), one.overlay());
            else volumes.get(one.place().get()).switchTo(one.current(), one.overlay(), spec.id().brief());
        }
    }

    /// Every disk that it has open.
    synchronized List<DiskId> openDisks() {
        return Stream.concat(disk.stream(), volumes.values().stream().map(SimMount::disk)).toList();
    }

    /// Those of volumes that it writes to.
    synchronized Map<String, DiskId> writtenVolumes() {
        var written = new TreeMap<String, DiskId>();
        volumes.forEach((place, volume) -> {
            if (volume.isWritten()) written.put(place, volume.disk());
        });
        return written;
    }

    synchronized void writeTo(String place, String name, String text) {
        volumes.get(place).write(name, text);
    }

    synchronized Map<String, String> readFrom(String place) {
        return volumes.containsKey(place) ? volumes.get(place).content() : Map.of();
    }

    /// The disk has all its files from now on.
    ///
    /// @param move gives them to the disk
    synchronized void adopt(DiskId adopting, Runnable move) {
        move.run();
        if (disk.isEmpty()) disk = Optional.of(adopting);
    }

    synchronized void count(long by) {
        if (!paused) counter += by;
    }

    synchronized long counter() {
        return counter;
    }

    synchronized void become(MachineSpec other) {
        identity = other.hostname();
        if (!begun) main = other.program().map(this::process);
    }

    private SimProcess process(ProgramSpec program) {
        return new SimProcess(spec.id().brief(), program, this, (stream, bytes) -> logs.add(time.instant(), stream, bytes));
    }

    synchronized String identity() {
        return identity;
    }

    MachineSpec spec() {
        return spec;
    }

    SimTime time() {
        return time;
    }

    Instant startedAt() {
        return startedAt;
    }

    synchronized Map<String, byte[]> files() {
        if (disk.isEmpty()) return files;
        var read = new TreeMap<String, byte[]>();
        disks.content(disk.get()).forEach((name, text) -> read.put(name, text.getBytes(ISO_8859_1)));
        return read;
    }

    synchronized void write(Map<String, byte[]> more) {
        if (disk.isEmpty()) files.putAll(more);
        else more.forEach((name, bytes) -> disks.write(disk.get(), name, new String(bytes, ISO_8859_1)));
    }

    synchronized Optional<SimProcess> main() {
        return main;
    }

    CompletableFuture<ExitStatus> mainEnd() {
        return mainEnd;
    }

    CompletableFuture<String> end() {
        return end;
    }

    /// It does not listen when it is asked to end.
    void deafen() {
        deaf = true;
    }

    synchronized void runMain() {
        if (begun || main.isEmpty()) return;
        begun = true;
        main.get().exit().thenAccept(this::mainEnded);
        main.get().start();
    }

    SimProcess exec(ProgramSpec program) {
        var process = new SimProcess(spec.id().brief() + "-exec", program, this, (_, _) -> {});
        others.add(process);
        process.exit().thenRun(() -> others.remove(process));
        return process;
    }

    synchronized void setPaused(boolean wanted) {
        paused = wanted;
    }

    synchronized boolean isPaused() {
        return paused;
    }

    /// Asks the guest to end itself.
    void shutdown() {
        if (deaf || isPaused()) return;
        if (main.isPresent()) {
            main.get().signal("TERM");
            synchronized (this) {
                if (!begun) mainEnded(new ExitStatus(143));
            }
        } else {
            mainEnded(new ExitStatus(0));
        }
    }

    /// Ends at once, without a word.
    void kill() {
        if (!end.complete("killed")) return;
        main.ifPresent(SimProcess::vanish);
        others.forEach(SimProcess::vanish);
        logs.end();
    }

    List<String> addresses() {
        return List.of("10.0.2.15");
    }

    private void mainEnded(ExitStatus status) {
        if (end.isDone() || !mainEnd.complete(status)) return;
        logs.exited(status);
        Thread.ofVirtual().name("sim-power-off").start(() -> {
            try {
                time.sleep(POWER_OFF);
                kill();
            } catch (InterruptedException _) {
                // Nobody interrupts a guest that powers itself off.
            }
        });
    }
}
