package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Ownership;
import dev.hostal.model.Arch;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.qmp.QmpException;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime.Switch;
import dev.hostal.spi.Progress;
import dev.hostal.spi.VolumesInTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Points in time of a real machine and its volume, which is a disk.
@Tag("real")
class RealVolumesInTimeTest {
    private static final Duration BOOT_MAX = Duration.ofSeconds(120);
    /// Writes a number to its own disk and then, when that is on it, to the volume.
    private static final String COUNTING = "mkdir -p /srv; echo 00000000 | tee /srv/own > /data/second; sync; i=0; while true; do i=$((i+1)); "
            + "for f in /srv/own /data/second; do printf '%08d\\n' $i | dd of=$f conv=notrunc,fsync 2>/dev/null; done; done";

    @RegisterExtension
    private static final RealImages images = new RealImages();

    private final Random ids = new Random(5);
    private RealHost real;
    private QemuMachines driver;
    private VolumesInTime points;

    @BeforeEach void host() throws Exception {
        real = new RealHost();
        driver = real.driver();
        points = (VolumesInTime) driver.pointsInTime().orElseThrow();
    }

    @AfterEach void nothingIsLeft() throws Exception {
        real.close();
        assertThat(real.root).doesNotExist();
        assertThat(real.domains.domains().names()).isEmpty();
    }

    @Test void bothDisksAreOfOneInstant() throws Exception {
        var own = newDisk();
        points.ensureDisk(own, Optional.empty(), Bytes.gib(1), soon());
        var volume = newDisk();
        var raw = rawVolume();
        var spec = spec(own, new MachineMount.Disk(raw, volume));
        var kept = new ArrayList<Switch>();
        var checkpoint = CheckpointId.random(ids);
        List<Switch> of;
        try (var machine = driver.start(spec, Progress.NONE, soon())) {
            machine.guest().runMain(false, soon());
            exec(machine, "while [ \"$(cat /data/second 2>/dev/null || echo 0)\" -lt 3 ]; do sleep 0.05; done");
            points.adoptVolume(volume, raw);
            assertThat(raw).doesNotExist();
            // One cannot be switched: none is, and everything goes on.
            var live = driver.running(spec.id(), soon()).orElseThrow().disks();
            assertThatThrownBy(() -> live.switchTo(Map.of(LiveDisks.node(own), volume), soon())).isInstanceOf(QmpException.class);
            of = turn(own, volume);
            cutOff(live, real.folders.of(spec.id().brief()), of);
            for (int turns = 0; turns < 3; turns++) {
                points.switchDisks(spec.id(), of, soon());
                points.switchDisks(spec.id(), of, soon());
                kept.addAll(of);
                assertAtRest(of.getFirst().current());
                assertAtRest(of.getLast().current());
                exec(machine, "sleep 0.5");
                of = turn(of.getFirst().overlay(), of.getLast().overlay());
            }
            points.checkpoint(spec.id(), checkpoint, of, true, Progress.NONE, soon());
            kept.addAll(of);
            assertThat(exec(machine, "n=$(cat /data/second); while [ \"$(cat /data/second)\" = $n ]; do sleep 0.05; done; echo on")).isEqualTo("on\n");
            for (int i = 0; i < kept.size(); i += 2) {
                assertOneInstant(kept.get(i).current(), kept.get(i + 1).current());
            }
            mergeWhileItRuns(spec, machine, kept, of);
            machine.kill();
        }
        driver.ensureStopped(spec.id().brief());
        goOn(spec, checkpoint, of);
    }

    /// A transaction whose second disk cannot be switched, since nothing has opened what it is to switch to.
    private void cutOff(LiveDisks live, MachineFiles machine, List<Switch> of) throws Exception {
        var first = of.getFirst();
        var disks = new Disks(real.folders.disks());
        var link = machine.disk(first.overlay());
        points.ensureDisk(first.overlay(), Optional.of(first.current()), Bytes.ZERO, soon());
        disks.link(first.overlay(), link);
        disks.makeWritable(first.overlay());
        Ownership.change(link, MachineStart.uid(machine.briefId()), MachineStart.uid(machine.briefId()));
        live.open(first.overlay(), link, soon());
        var nodes = new LinkedHashMap<String, DiskId>();
        nodes.put(LiveDisks.node(first.current()), first.overlay());
        nodes.put(LiveDisks.node(of.getLast().current()), of.getLast().overlay());
        assertThatThrownBy(() -> live.switchTo(nodes, soon())).isInstanceOf(QmpException.class);
        assertThat(live.writesTo(first.current(), soon())).isTrue();
        assertThat(live.writesTo(of.getLast().current(), soon())).isTrue();
    }

    /// The oldest disks go, live: the volume's file too.
    private void mergeWhileItRuns(MachineSpec spec, Machine machine, List<Switch> kept, List<Switch> last) throws Exception {
        var volumes = kept.stream().filter(each -> each.place().isPresent()).toList();
        var lowest = volumes.getLast().current();
        points.rebaseDisk(lowest, Optional.of(volumes.getFirst().current()), Optional.of(spec.id()), Progress.NONE, soon());
        points.rebaseDisk(lowest, Optional.empty(), Optional.of(spec.id()), Progress.NONE, soon());
        for (var each : volumes.subList(0, volumes.size() - 1)) {
            points.ensureDiskAbsent(each.current());
        }
        assertThat(points.fault(last.getLast().overlay())).isEmpty();
        assertThat(exec(machine, "echo 3 > /proc/sys/vm/drop_caches; cat /data/second | wc -c")).isEqualTo("9\n");
    }

    /// With its memory, it finds both disks as it left them.
    private void goOn(MachineSpec spec, CheckpointId checkpoint, List<Switch> of) throws Exception {
        var own = newDisk();
        var volume = newDisk();
        points.ensureDisk(own, Optional.of(of.getFirst().current()), Bytes.ZERO, soon());
        points.ensureDisk(volume, Optional.of(of.getLast().current()), Bytes.ZERO, soon());
        var going = spec(spec.id(), new MachineSpec.Moment(Optional.of(own), Optional.of(checkpoint), false),
                new MachineMount.Layers(volume, false));
        try (var machine = driver.start(going, Progress.NONE, soon())) {
            machine.guest().runMain(false, soon());
            assertThat(exec(machine, "n=$(cat /data/second); while [ \"$(cat /data/second)\" = $n ]; do sleep 0.05; done; echo on; "
                    + "dmesg | grep -ci 'ext4.*error'")).isEqualTo("on\n0\n");
            // What is written to lies in the newest disks only.
            points.switchDisks(spec.id(), turn(own, volume), soon());
            machine.kill();
        }
        driver.ensureStopped(spec.id().brief());
        assertOneInstant(own, volume);
        assertThat(points.fault(volume)).isEmpty();
        var out = real.root.resolve("out.raw");
        points.copyOut(volume, out, Progress.NONE, soon());
        assertThat(Files.size(out)).isEqualTo(32 << 20);
    }

    private void assertOneInstant(DiskId own, DiskId volume) throws Exception {
        int first = number(own, "/srv/own");
        int second = number(volume, "/second");
        System.out.println("own disk " + first + ", volume " + second);
        assertThat(first).isPositive().isBetween(second, second + 1);
    }

    /// Its file system was held still: nothing in its journal is to be done again.
    private void assertAtRest(DiskId disk) throws Exception {
        var copy = real.root.resolve("rest-" + disk);
        points.copyOut(disk, copy, Progress.NONE, soon());
        assertThat(real.processes.run(Command.of("dumpe2fs", "-h", copy.toString()), soon()).orThrow("reading a file system").stdout())
                .contains("Filesystem features:").doesNotContain("needs_recovery");
        Files.delete(copy);
    }

    /// As a machine that boots with the disk would find it.
    private int number(DiskId disk, String file) throws Exception {
        var copy = real.root.resolve("copy-" + disk);
        points.copyOut(disk, copy, Progress.NONE, soon());
        real.processes.run(Command.of("e2fsck", "-fy", copy.toString()), soon());
        for (var place : List.of(file, "/upper" + file, "/root/upper" + file)) {
            var said = real.processes.run(Command.of("debugfs", "-R", "cat " + place, copy.toString()), soon()).stdout().strip();
            if (!said.isEmpty()) return Integer.parseInt(said);
        }
        throw new AssertionError("no " + file + ": " + real.processes.run(Command.of("debugfs", "-R", "ls /", copy.toString()), soon()).stdout());
    }

    private Path rawVolume() throws Exception {
        var folder = Files.createDirectories(real.root.resolve("home/volumes/v"));
        var raw = folder.resolve("disk.raw");
        try (var file = new java.io.RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(32 << 20);
        }
        real.processes.run(Command.of("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^metadata_csum,^uninit_bg", "-m", "0", raw.toString()),
                soon()).orThrow("making a file system");
        return raw;
    }

    private List<Switch> turn(DiskId own, DiskId volume) {
        return List.of(new Switch(Optional.empty(), own, newDisk()), new Switch(Optional.of("/data"), volume, newDisk()));
    }

    private DiskId newDisk() {
        return DiskId.random(ids);
    }

    private MachineSpec spec(DiskId own, MachineMount.Source source) throws Exception {
        return spec(InstanceId.random(ids), new MachineSpec.Moment(Optional.of(own), Optional.empty(), false), source);
    }

    private MachineSpec spec(InstanceId id, MachineSpec.Moment moment, MachineMount.Source source) throws Exception {
        var plain = images.machine(Arch.X86_64, COUNTING);
        return new MachineSpec(id, "box", plain.arch(), 1, Bytes.mib(256), Bytes.gib(1), plain.root(), plain.mac(), plain.program(),
                moment, plain.limits(), plain.confinement(), List.of(new MachineMount(source, "/data", false)), plain.nics());
    }

    private static Deadline soon() {
        return Deadline.in(BOOT_MAX);
    }

    private static String exec(Machine machine, String script) throws IOException, InterruptedException {
        try (var process = machine.guest().exec(RealImages.program(script), soon())) {
            process.stdin().close();
            var text = new String(process.stdout().readAllBytes(), UTF_8);
            process.waitForExit();
            return text;
        }
    }
}
