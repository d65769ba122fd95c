package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Folders;
import dev.hostal.model.Arch;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.PointsInTime.Switch;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Points in time of real machines of the tiny image.
@Tag("real")
class RealPointsInTimeTest {
    private static final Duration BOOT_MAX = Duration.ofSeconds(120);
    /// Counts in memory, and holds a file open that has no name any more.
    private static final String COUNTING = "exec 3>/kept; echo first >&3; rm /kept; i=0; "
            + "while true; do i=$((i+1)); echo $i > /dev/shm/count; sleep 0.2; done";

    @RegisterExtension
    private static final RealImages images = new RealImages();

    private final Random ids = new Random(3);
    @AutoClose
    private RealHost real;
    private QemuMachines driver;
    private PointsInTime points;

    @BeforeEach void host() throws Exception {
        real = new RealHost();
        driver = real.driver();
        points = driver.pointsInTime().orElseThrow();
    }

    private static Deadline soon() {
        return Deadline.in(BOOT_MAX);
    }

    private MachineSpec spec(String script, String hostname, DiskId disk) throws Exception {
        var sample = images.machine(Arch.X86_64, script);
        return new MachineSpec(InstanceId.random(ids), hostname, sample.arch(), 1, Bytes.mib(512), Bytes.gib(10),
                sample.root(), sample.mac(), sample.program(),
                new MachineSpec.Moment(Optional.of(disk), Optional.empty(), false), sample.limits(),
                sample.confinement());
    }

    private static MachineSpec at(MachineSpec spec, InstanceId id, String hostname, MachineSpec.Moment moment) {
        var mac = hostname.equals(spec.hostname()) ? spec.mac()
                : "52:54:00:00:%02x:%02x".formatted(id.value().hashCode() & 0xff, hostname.hashCode() & 0xff);
        return new MachineSpec(id, hostname, spec.arch(), spec.cpus(), spec.memory(), spec.diskSize(), spec.root(),
                mac, spec.program(), moment, spec.limits(), spec.confinement());
    }

    private Machine start(MachineSpec spec) throws IOException, InterruptedException {
        var machine = driver.start(spec, Progress.NONE, soon());
        machine.guest().runMain(false, soon());
        return machine;
    }

    private DiskId disk(Optional<DiskId> base) throws Exception {
        var disk = DiskId.random(ids);
        points.ensureDisk(disk, base, Bytes.gib(10), soon());
        return disk;
    }

    private static String exec(Machine machine, String script) throws IOException, InterruptedException {
        try (var process = machine.guest().exec(RealImages.program(script), soon())) {
            process.stdin().close();
            var text = new String(process.stdout().readAllBytes(), UTF_8);
            process.waitForExit();
            return text;
        }
    }

    private static int count(Machine machine) throws IOException, InterruptedException {
        // It is empty for the moment between the shell's opening and writing it.
        return Integer.parseInt(exec(machine,
                "while ! grep . /dev/shm/count 2>/dev/null; do sleep 0.01; done").strip());
    }

    @Test void whatRanGoesOnWhereItWas() throws Exception {
        var first = disk(Optional.empty());
        var spec = spec(COUNTING, "box", first);
        var checkpoint = CheckpointId.random(ids);
        var second = DiskId.random(ids);
        int before;
        try (var machine = start(spec)) {
            exec(machine, "echo before > /before; sync; while [ ! -e /dev/shm/count ]; do sleep 0.05; done; sleep 1");
            before = count(machine);
            var paused = points.checkpoint(spec.id(), checkpoint, Switch.own(first, second), true, Progress.NONE, soon());
            System.out.println("paused for " + paused.toMillis() + " ms");
            assertThat(points.checkpoint(spec.id(), checkpoint, Switch.own(first, second), true, Progress.NONE, soon())).isZero();
            exec(machine, "echo after > /after; rm /before; sync; sleep 1");
            assertThat(count(machine)).isGreaterThan(before);
            machine.kill();
        }
        assertThat(points.checkpoints()).singleElement().satisfies(kept -> {
            assertThat(kept.disk()).isEqualTo(first);
            assertThat(kept.memory()).isEqualTo(spec.memory());
            System.out.println("uses " + kept.used());
        });
        driver.ensureStopped(spec.id().brief());
        var third = disk(Optional.of(first));
        var moment = new MachineSpec.Moment(Optional.of(third), Optional.of(checkpoint), false);
        long from = System.nanoTime();
        try (var machine = start(at(spec, spec.id(), "box", moment))) {
            System.out.println("started in " + (System.nanoTime() - from) / 1_000_000 + " ms");
            assertThat(count(machine)).isBetween(before, before + 40);
            assertThat(exec(machine, "ls / | grep -x before; ls / | grep -x after; cat /proc/$(pidof sleep)/status"
                    + " >/dev/null; hostname")).isEqualTo("before\nbox\n");
            int now = count(machine);
            exec(machine, "sleep 1");
            assertThat(count(machine)).isGreaterThan(now);
            machine.kill();
        }
    }

    /// What is written is there at every point in time, whatever is put together or deleted meanwhile.
    @Test void disksOfARunningMachineComeAndGo() throws Exception {
        var first = disk(Optional.empty());
        var second = DiskId.random(ids);
        var third = DiskId.random(ids);
        var spec = spec("sleep 100000", "box", first);
        String sums;
        try (var machine = start(spec)) {
            exec(machine, write("a", 8));
            points.switchDisks(spec.id(), Switch.own(first, second), soon());
            points.switchDisks(spec.id(), Switch.own(first, second), soon());
            assertThat(points.disks()).hasSize(2);
            exec(machine, write("b", 8) + "; rm /b1; dd if=/dev/urandom of=/a1 bs=64k count=1 conv=notrunc; sync");
            points.switchDisks(spec.id(), Switch.own(second, third), soon());
            exec(machine, write("c", 4));
            sums = sums(machine);
            // The oldest goes: the second has a user, so that a copy takes its place.
            points.rebaseDisk(second, Optional.empty(), Optional.of(spec.id()), Progress.NONE, soon());
            points.ensureDiskAbsent(first);
            assertThat(sums(machine)).isEqualTo(sums);
            assertThat(points.fault(third)).isEmpty();
            // The one in the middle goes, live; one try is ended, and leaves nothing that hinders the next.
            assertThatThrownBy(() -> points.rebaseDisk(third, Optional.empty(), Optional.of(spec.id()), (_, _, _) -> {
                throw new Problem(ErrorCode.BUSY, "not now");
            }, soon())).isInstanceOf(Problem.class).hasMessage("not now");
            assertThat(sums(machine)).isEqualTo(sums);
            var stages = new ArrayList<String>();
            points.rebaseDisk(third, Optional.empty(), Optional.of(spec.id()), (stage, _, _) -> stages.add(stage), soon());
            points.ensureDiskAbsent(second);
            assertThat(stages).contains("copying from the base");
            assertThat(sums(machine)).isEqualTo(sums);
            assertThat(points.disks()).singleElement().satisfies(disk -> assertThat(disk.base()).isEmpty());
            exec(machine, "sync");
            machine.kill();
        }
        driver.ensureStopped(spec.id().brief());
        var copy = DiskId.random(ids);
        points.copyDisk(third, copy, Progress.NONE, soon());
        var fourth = disk(Optional.of(third));
        var fifth = disk(Optional.of(fourth));
        points.rebaseDisk(fifth, Optional.of(third), Optional.empty(), Progress.NONE, soon());
        points.ensureDiskAbsent(fourth);
        for (var disk : List.of(fifth, copy)) {
            var moment = new MachineSpec.Moment(Optional.of(disk), Optional.empty(), false);
            try (var machine = start(at(spec, spec.id(), "box", moment))) {
                assertThat(sums(machine)).isEqualTo(sums);
                machine.kill();
            }
            driver.ensureStopped(spec.id().brief());
        }
    }

    /// What was copied from the base is in the file before the file says that it has none: QEMU keeps tables in its memory.
    @Test void aMachineThatIsKilledRightAfterAMergeLosesNothing() throws Exception {
        var first = disk(Optional.empty());
        var second = DiskId.random(ids);
        var spec = spec("sleep 100000", "box", first);
        String sums;
        try (var machine = start(spec)) {
            exec(machine, write("a", 8) + "; " + write("b", 2) + "; " + write("c", 4));
            sums = sums(machine);
            points.switchDisks(spec.id(), Switch.own(first, second), soon());
            points.rebaseDisk(second, Optional.empty(), Optional.of(spec.id()), Progress.NONE, soon());
            machine.kill();
        }
        driver.ensureStopped(spec.id().brief());
        points.ensureDiskAbsent(first);
        var moment = new MachineSpec.Moment(Optional.of(second), Optional.empty(), false);
        try (var machine = start(at(spec, spec.id(), "box", moment))) {
            assertThat(sums(machine)).isEqualTo(sums);
            machine.kill();
        }
    }

    @Test void whatIsMissingOrDamagedIsSaidBeforeAnythingStarts() throws Exception {
        var first = disk(Optional.empty());
        var second = disk(Optional.of(first));
        var spec = spec("true", "box", second);
        var path = real.folders.disks().resolve(first + ".qcow2");
        var content = Files.readAllBytes(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        for (var damaged : List.of(new byte[0], Arrays.copyOf(content, content.length / 2), new byte[content.length])) {
            Files.write(path, damaged);
            refused(spec, path.toString());
        }
        Files.delete(path);
        refused(spec, path.toString());
        Files.write(path, content);
        assertThat(points.fault(second)).isEmpty();
        try (var machine = start(spec)) {
            assertThat(machine.guest().waitForMain().code()).isZero();
        }
    }

    /// Whatever of a checkpoint is cut off, emptied, gone or something else.
    @Test void aDamagedCheckpointIsASentenceAndNothingRuns() throws Exception {
        var first = disk(Optional.empty());
        var spec = spec(COUNTING, "box", first);
        var checkpoint = CheckpointId.random(ids);
        try (var machine = start(spec)) {
            exec(machine, "while [ ! -e /dev/shm/count ]; do sleep 0.05; done");
            points.checkpoint(spec.id(), checkpoint, Switch.own(first, DiskId.random(ids)), true, Progress.NONE, soon());
            machine.kill();
        }
        driver.ensureStopped(spec.id().brief());
        var moment = new MachineSpec.Moment(Optional.of(disk(Optional.of(first))), Optional.of(checkpoint), false);
        var later = at(spec, spec.id(), "box", moment);
        var folder = real.folders.checkpoints().resolve(checkpoint.value());
        for (var name : List.of("devices", "checkpoint.json")) {
            var file = folder.resolve(name);
            var whole = Files.readAllBytes(file);
            var other = whole.clone();
            new Random(5).nextBytes(other);
            for (var damaged : List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2), other, new byte[whole.length])) {
                Files.write(file, damaged);
                damaged(later, checkpoint);
            }
            Files.delete(file);
            damaged(later, checkpoint);
            Files.write(file, whole);
        }
        var ram = folder.resolve("ram");
        Files.move(ram, folder.resolve("away"));
        damaged(later, checkpoint);
        for (long size : List.of(0L, 1L << 20)) {
            try (var cut = FileChannel.open(ram, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                if (size > 0) cut.write(ByteBuffer.allocate(1), size - 1);
            }
            damaged(later, checkpoint);
        }
        Files.move(folder.resolve("away"), ram, StandardCopyOption.REPLACE_EXISTING);
        try (var machine = start(later)) {
            int now = count(machine);
            exec(machine, "sleep 1");
            assertThat(count(machine)).isGreaterThan(now);
            machine.kill();
        }
    }

    private void damaged(MachineSpec spec, CheckpointId checkpoint) throws Exception {
        assertThatThrownBy(() -> start(spec)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.DISK_DAMAGED);
            assertThat(problem).hasMessageContaining(checkpoint.value());
        });
        assertThat(real.domains.domains().names()).isEmpty();
    }

    private void refused(MachineSpec spec, String words) throws Exception {
        assertThat(points.fault(spec.moment().disk().orElseThrow()).orElseThrow()).contains(words);
        assertThatThrownBy(() -> start(spec)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.DISK_DAMAGED);
            assertThat(problem).hasMessageContaining(words);
        });
        assertThat(real.domains.domains().names()).isEmpty();
    }

    /// Suspended, compressed, found by another daemon, gone on from; a machine without its memory is ended.
    @Test void aSuspendedMachineGoesOnAfterItsDaemon() throws Exception {
        var first = disk(Optional.empty());
        var spec = spec(COUNTING, "box", first);
        var checkpoint = CheckpointId.random(ids);
        var second = DiskId.random(ids);
        int before;
        try (var machine = start(spec)) {
            exec(machine, "while [ ! -e /dev/shm/count ]; do sleep 0.05; done; sleep 1; sync");
            before = count(machine);
            points.checkpoint(spec.id(), checkpoint, Switch.own(first, second), false, Progress.NONE, soon());
            assertThat(machine.isPaused()).isTrue();
            machine.kill();
        }
        driver.ensureStopped(spec.id().brief());
        var plain = points.checkpoints().getFirst().used();
        points.compress(checkpoint, Progress.NONE, soon());
        assertThat(points.checkpoints().getFirst().used().count()).isLessThan(plain.count() / 2);
        driver = real.driver();
        points = driver.pointsInTime().orElseThrow();
        var moment = new MachineSpec.Moment(Optional.of(second), Optional.of(checkpoint), false);
        try (var machine = start(at(spec, spec.id(), "box", moment))) {
            assertThat(count(machine)).isBetween(before, before + 60);
            points.ensureCheckpointAbsent(checkpoint);
        }
        driver = real.driver();
        points = driver.pointsInTime().orElseThrow();
        try (var machine = driver.find(spec.id(), soon()).orElseThrow()) {
            int now = count(machine);
            exec(machine, "sleep 1");
            assertThat(count(machine)).isGreaterThan(now);
            // Its memory is kept once more, although the file that it maps has no name any more.
            var again = CheckpointId.random(ids);
            points.checkpoint(spec.id(), again, Switch.own(second, DiskId.random(ids)), true, Progress.NONE, soon());
            machine.kill();
            driver.ensureStopped(spec.id().brief());
            var over = disk(Optional.of(second));
            var later = new MachineSpec.Moment(Optional.of(over), Optional.of(again), false);
            try (var third = start(at(spec, spec.id(), "box", later))) {
                assertThat(count(third)).isGreaterThan(now);
            }
            Files.delete(real.folders.of(spec.id().brief()).going());
        }
        driver = real.driver();
        assertThat(driver.find(spec.id(), soon())).isEmpty();
        assertThat(real.domains.domains().names()).isEmpty();
    }

    @Test void aMachineThatDiesWhileItIsKeptLeavesNoCheckpoint() throws Exception {
        var first = disk(Optional.empty());
        var spec = spec(COUNTING, "box", first);
        try (var machine = start(spec)) {
            assertThatThrownBy(() -> points.checkpoint(spec.id(), CheckpointId.random(ids), Switch.own(first, DiskId.random(ids)),
                    true, (_, _, _) -> kill(machine), soon())).isInstanceOfAny(IOException.class, Problem.class);
            machine.waitForEnd();
        }
        assertThat(points.checkpoints()).isEmpty();
        assertThat(Folders.names(real.folders.checkpoints())).isEmpty();
        driver.ensureStopped(spec.id().brief());
        try (var machine = start(spec)) {
            assertThat(exec(machine, "echo alive")).isEqualTo("alive\n");
            machine.kill();
        }
    }

    private static void kill(Machine machine) {
        try {
            machine.kill();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String write(String name, int count) {
        return "for i in $(seq %d); do dd if=/dev/urandom of=/%s$i bs=256k count=1 2>/dev/null; done; sync"
                .formatted(count, name);
    }

    private static String sums(Machine machine) throws IOException, InterruptedException {
        var sums = exec(machine, "sync; echo 3 > /proc/sys/vm/drop_caches; md5sum /a* /b? /c*");
        assertThat(sums.lines().count()).isGreaterThan(10);
        return sums;
    }

    @Test void aRunningMachineIsForkedAndTheForkToo() throws Exception {
        var first = disk(Optional.empty());
        var spec = spec(COUNTING, "parent", first);
        var machines = new ArrayList<Machine>();
        var parent = start(spec);
        machines.add(parent);
        exec(parent, "echo shared > /shared; while [ ! -e /dev/shm/count ]; do sleep 0.05; done");
        var names = new ArrayList<String>(List.of("parent"));
        var forked = fork(spec, parent, first, List.of("one", "two", "three"), machines);
        names.addAll(List.of("one", "two", "three"));
        fork(forked, machines.get(1), forked.moment().disk().orElseThrow(), List.of("four"), machines);
        names.add("four");
        for (int i = 0; i < machines.size(); i++) {
            assertThat(exec(machines.get(i), "hostname; cat /etc/hostname /shared"))
                    .isEqualTo(names.get(i) + "\n" + names.get(i) + "\nshared\n");
            int now = count(machines.get(i));
            exec(machines.get(i), "sleep 1; echo %d > /own".formatted(i));
            assertThat(count(machines.get(i))).isGreaterThan(now);
            System.out.println(names.get(i) + " uses " + machines.get(i).stats().memory());
        }
        for (int i = 0; i < machines.size(); i++) {
            assertThat(exec(machines.get(i), "cat /own; head -c 8 /dev/urandom >/dev/null")).isEqualTo(i + "\n");
        }
        for (var machine : machines) {
            machine.kill();
            machine.close();
        }
    }

    /// @return the first of them
    private MachineSpec fork(MachineSpec spec, Machine parent, DiskId current, List<String> names,
            List<Machine> machines) throws Exception {
        var checkpoint = CheckpointId.random(ids);
        var paused = points.checkpoint(spec.id(), checkpoint, Switch.own(current, DiskId.random(ids)), true, Progress.NONE, soon());
        System.out.println(spec.hostname() + " paused for " + paused.toMillis() + " ms");
        MachineSpec forked = null;
        for (var name : names) {
            long from = System.nanoTime();
            var moment = new MachineSpec.Moment(Optional.of(disk(Optional.of(current))), Optional.of(checkpoint), true);
            var child = at(spec, InstanceId.random(ids), name, moment);
            var machine = driver.start(child, (stage, _, _) -> System.out.printf(" %4d ms: %s%n",
                    (System.nanoTime() - from) / 1_000_000, stage), soon());
            machines.add(machine);
            System.out.println(name + " started in " + (System.nanoTime() - from) / 1_000_000 + " ms, of them on a CPU "
                    + machine.stats().cpu().toMillis());
            machine.guest().runMain(false, soon());
            if (forked == null) forked = child;
        }
        return forked;
    }
}
