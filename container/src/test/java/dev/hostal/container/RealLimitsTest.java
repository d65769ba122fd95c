package dev.hostal.container;

import static dev.hostal.container.RealHost.shell;
import static dev.hostal.container.RealHost.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.model.Change;
import dev.hostal.model.Confinement;
import dev.hostal.model.Limits;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Limits hold, and a container reaches nothing that is not its own.
@Tag("real")
@Timeout(180)
class RealLimitsTest {
    @RegisterExtension
    private final RealHost host = new RealHost();
    private ContainerMachines driver;

    @BeforeEach void begin() throws Exception {
        driver = host.driver();
    }

    @AfterEach void removeAll() throws Exception {
        for (var name : driver.known()) {
            driver.ensureAbsent(name);
        }
    }

    @Test void aForkBombIsContained() throws Exception {
        var bomb = start(shell("bomb() { bomb | bomb & }; bomb; sleep 1000"), limits(Optional.of(30), Optional.empty()),
                Confinement.USUAL);
        Thread.sleep(Duration.ofMillis(500));       // The time that it has to get out.

        assertThat(bomb.stats().processes()).isBetween(1, 30);
        var other = host.run(driver, shell("echo others run"), "");
        assertThat(other).isEqualTo("others run\n=0");
        bomb.kill();
    }

    @Test void aMemoryHogIsKilledAndItIsKnownWhy() throws Exception {
        var spec = host.spec(RealHost.program("tail", "/dev/zero"), Bytes.mib(32));
        var hog = driver.start(spec, Progress.NONE, soon());
        hog.guest().runMain(false, soon());

        assertThat(hog.guest().waitForMain().code()).isEqualTo(137);
        hog.waitForEnd();
        assertThat(driver.ranOutOfMemory(spec.id().brief())).isTrue();
        assertThat(driver.ranOutOfMemory("0123456789ab")).as("one that is not there").isFalse();
    }

    @Test void aPartOfACpuIsAPart() throws Exception {
        var spin = start(shell("while true; do :; done"), limits(Optional.empty(), Optional.of(0.2)), Confinement.USUAL);
        var before = spin.stats().cpu();
        long began = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(3));
        var used = spin.stats().cpu().minus(before);

        // Of a fifth of the time, and a period more; a busy host may give less.
        assertThat(used.toNanos()).isLessThan((System.nanoTime() - began) * 3 / 10);
        spin.kill();
    }

    @Test void limitsChangeWhileItRuns() throws Exception {
        var machine = start(shell("sleep 1000"), Limits.USUAL, Confinement.USUAL);

        machine.limit(new Change(Optional.empty(), Optional.of(Bytes.mib(48)), limits(Optional.of(17), Optional.of(0.5)),
                Optional.empty()));

        assertThat(machine.stats().memoryLimit()).isEqualTo(Bytes.mib(48));
        RealHost.waitForProgram(machine, "sleep 1000");
        machine.limit(new Change(Optional.empty(), Optional.of(Bytes.mib(96)), Limits.USUAL, Optional.empty()));
        assertThat(machine.stats().memoryLimit()).isEqualTo(Bytes.mib(96));
        machine.kill();
    }

    /// By the name that this kernel has for it, which not every runtime knows.
    @Test void aShareOfBlockIoIsWrittenDown() throws Exception {
        var share = new Limits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.of(300), List.of(), Map.of());
        var machine = driver.start(spec(shell("cat /sys/fs/cgroup/blkio/blkio.*weight /sys/fs/cgroup/io.*weight 2>/dev/null"),
                share, Confinement.USUAL), Progress.NONE, soon());
        try (var process = machine.guest().attachMain(soon())) {
            machine.guest().runMain(true, soon());
            // In the file of version 2 it is of ten thousand. Source: runc, ConvertBlkIOToIOWeightValue
            assertThat(RealHost.text(process)).containsPattern("300|2930|2929");
        }
        machine.waitForEnd();
    }

    @Test void aFloodingContainerNeitherFillsTheDiskNorHoldsOthersUp() throws Exception {
        var size = new Limits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.of(Bytes.mib(1)), Map.of());
        var flood = start(shell("yes 'a line that is written as fast as can be'"), size, Confinement.USUAL);
        var log = host.folders.of(flood.id().brief()).outputLog();
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (Files.size(log) < 200 << 20 && System.nanoTime() < until) {
            Thread.sleep(100);
        }
        long began = System.nanoTime();
        assertThat(host.run(driver, shell("echo others run"), "")).isEqualTo("others run\n=0");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        flood.kill();
        Thread.sleep(Duration.ofSeconds(2));        // The time in which it is trimmed once more.

        assertThat(diskUse(log)).as("of %d written", Files.size(log)).isLessThan(Math.max(Files.size(log) / 2, 64L << 20));
    }

    @Test void otherContainersAndTheHostAreOutOfReach() throws Exception {
        var secret = Files.writeString(host.home.resolve("secret"), "of the host");
        var other = start(shell("echo of another > /secret; sleep 1000"), Limits.USUAL, Confinement.USUAL);
        long pid = Long.parseLong(other.processes().orElseThrow().getFirst().split(" ")[0]);

        var tried = host.run(driver, shell("""
                cat /proc/1/root%1$s /proc/%2$d/root/secret /proc/%2$d/environ; ls /proc/%2$d
                mount -t tmpfs x /mnt; mount -t proc x /tmp; mount --bind / /tmp; mount -o remount,rw /proc/sys
                mknod /tmp/disk b 7 0 && cat /tmp/disk | head -c 1; mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem
                echo b > /proc/sysrq-trigger; echo 1 > /proc/sys/kernel/panic; echo x > /proc/sys/kernel/core_pattern
                cat /proc/kcore /proc/keys /proc/timer_list | head -c 1; cat /sys/firmware/* 2>/dev/null | head -c 1
                echo 1 > /sys/fs/cgroup/memory/memory.limit_in_bytes; mkdir /sys/fs/cgroup/pids/escape
                nsenter -t 1 -m ls %1$s; unshare -m true; unshare -U true; chroot /proc/1/root ls %1$s
                kill -9 %2$d; dmesg; hostname other; swapoff -a; insmod x; ls /evil/../%1$s
                ls %1$s /proc/self/cwd/../../../../../../%1$s; echo end
                """.formatted(secret, pid)), "");

        assertThat(tried).contains("end\n").endsWith("=0").doesNotContain("of the host", "of another");
        assertThat(tried.lines().filter(line ->
                !line.matches(".*(No such|not permitted|denied|Read-only|can't|cannot|unshare|nsenter|insmod|dmesg|end|=0|not found|lacks|bad|failed|rmdir|Invalid).*")).toList())
                .as("what was not refused").isEmpty();
        assertThat(other.processes().orElseThrow()).as("still alive").isNotEmpty();
        other.kill();
    }

    @Test void theKernelsKeysAreOutOfReach() throws Exception {
        assertThat(host.run(driver, shell("cat /proc/keys | wc -l; cat /proc/key-users 2>/dev/null | wc -c"), ""))
                .startsWith("0\n");
    }

    @Test void aReadOnlyRootTakesNothingAndAnInitReaps() throws Exception {
        var closed = new Confinement(false, List.of(), List.of(), false, Optional.empty(), false, true, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), List.of(), List.of("extra", "99"),
                Optional.of(Bytes.mib(1)), true, List.of(), List.of(), List.of(), List.of());
        var machine = driver.start(spec(shell("""
                touch /x; touch /etc/x; id -G; df -k /dev/shm | tail -1
                (sh -c 'sleep 0.1 & exec true' &); sleep 0.5; ps | grep -c ' Z'; exit 3
                """), Limits.USUAL, closed), Progress.NONE, soon());
        try (var process = machine.guest().attachMain(soon())) {
            machine.guest().runMain(true, soon());
            var text = RealHost.text(process);
            assertThat(text).contains("/x: Read-only", "/etc/x: Read-only", "0 77 99", " 1024 ");
            assertThat(process.waitForExit().code()).isEqualTo(3);
        }
        machine.waitForEnd();
    }

    @Test void anInitPassesSignalsOn() throws Exception {
        var confinement = new Confinement(false, List.of(), List.of(), false, Optional.empty(), false, false, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), List.of(), List.of(), Optional.empty(), true,
                List.of(), List.of(), List.of(), List.of());
        var machine = start(RealHost.program("sleep", "1000"), Limits.USUAL, confinement);
        RealHost.waitForProgram(machine, "sleep 1000");

        machine.guest().signalMain("TERM", soon());

        assertThat(machine.guest().waitForMain().code()).isEqualTo(143);
        machine.waitForEnd();
    }

    private static long diskUse(Path file) throws Exception {
        var process = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        var text = new String(process.getInputStream().readAllBytes()).strip();
        return 512 * Long.parseLong(text);
    }

    private Machine start(ProgramSpec program, Limits limits, Confinement confinement) throws Exception {
        var machine = driver.start(spec(program, limits, confinement), Progress.NONE, soon());
        machine.guest().runMain(false, soon());
        return machine;
    }

    private MachineSpec spec(ProgramSpec program, Limits limits, Confinement confinement) {
        var plain = host.spec(program);
        return new MachineSpec(plain.id(), plain.hostname(), plain.arch(), plain.cpus(), plain.memory(), plain.diskSize(),
                plain.root(), plain.mac(), plain.program(), MachineSpec.Moment.NEW, limits, confinement);
    }

    private static Limits limits(Optional<Integer> pids, Optional<Double> cpus) {
        return new Limits(cpus, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), pids,
                Optional.empty(), List.of(), Map.of());
    }
}
