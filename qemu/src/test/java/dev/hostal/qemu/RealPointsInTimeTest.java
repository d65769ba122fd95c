package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Points in time of real machines of the tiny image.
@Tag("real")
class RealPointsInTimeTest {
    private static final Duration BOOT_MAX = Duration.ofSeconds(120);
    /// Counts in memory, and holds a file open that has no name any more.
    private static final String COUNTING = "exec 3>/kept; echo first >&3; rm /kept; i=0; "
            + "while true; do i=$((i+1)); echo $i > /dev/shm/count; sleep 0.05; done";

    @TempDir static Path home;

    private static RealHost imagesHost;
    private static RealImages images;

    private final Random ids = new Random(3);
    private RealHost real;
    private QemuMachines driver;
    private PointsInTime points;

    @BeforeAll static void images() throws Exception {
        imagesHost = new RealHost();
        images = new RealImages(imagesHost, home);
    }

    @AfterAll static void close() throws Exception {
        imagesHost.close();
    }

    @BeforeEach void host() throws Exception {
        real = new RealHost();
        driver = real.driver();
        points = driver.pointsInTime().orElseThrow();
    }

    @AfterEach void nothingIsLeft() throws Exception {
        real.close();
        assertThat(real.root).doesNotExist();
        assertThat(real.domains.domains().names()).isEmpty();
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
        return Integer.parseInt(exec(machine, "cat /dev/shm/count").strip());
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
            var paused = points.checkpoint(spec.id(), checkpoint, first, second, true, Progress.NONE, soon());
            System.out.println("paused for " + paused.toMillis() + " ms");
            assertThat(points.checkpoint(spec.id(), checkpoint, first, second, true, Progress.NONE, soon())).isZero();
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
            exec(machine, "sleep 0.5");
            assertThat(count(machine)).isGreaterThan(now);
            machine.kill();
        }
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
            exec(machines.get(i), "sleep 0.5; echo %d > /own".formatted(i));
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
        var paused = points.checkpoint(spec.id(), checkpoint, current, DiskId.random(ids), true, Progress.NONE, soon());
        System.out.println(spec.hostname() + " paused for " + paused.toMillis() + " ms");
        MachineSpec forked = null;
        for (var name : names) {
            long from = System.nanoTime();
            var moment = new MachineSpec.Moment(Optional.of(disk(Optional.of(current))), Optional.of(checkpoint), true);
            var child = at(spec, InstanceId.random(ids), name, moment);
            machines.add(start(child));
            System.out.println(name + " started in " + (System.nanoTime() - from) / 1_000_000 + " ms");
            if (forked == null) forked = child;
        }
        return forked;
    }
}
