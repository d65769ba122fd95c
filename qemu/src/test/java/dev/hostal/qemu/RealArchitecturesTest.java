package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.agent.AgentBinary;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.PointsInTime.Switch;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A guest of each architecture, of the tiny image, by emulation: a program runs, its memory is kept while it sleeps, and it
/// goes on in another QEMU until it is told to end.
@Tag("real")
class RealArchitecturesTest {
    /// Ten times what the slowest takes on a quiet machine.
    private static final Duration BOOT_MAX = Duration.ofMinutes(6);
    private static final Duration INSTALL_MAX = Duration.ofMinutes(10);

    @RegisterExtension
    private static final RealImages images = new RealImages();

    @ParameterizedTest
    @EnumSource(Arch.class)
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void runsAProgramThatGoesOnInAnotherQemu(Arch arch) throws Exception {
        try (var real = new RealHost()) {
            real.packages.ensure(AgentBinary.packages(arch), (_, _, _) -> {}, Deadline.in(INSTALL_MAX));
            var sample = images.machine(arch,
                    "uname -m; until [ -e /dev/shm/end ]; do sleep 0.1; echo > /dev/shm/slept; done; exit 5");
            var driver = real.driver();
            var points = driver.pointsInTime().orElseThrow();
            var ids = new Random(arch.ordinal());
            var checkpoint = CheckpointId.random(ids);
            var first = DiskId.random(ids);
            var second = DiskId.random(ids);
            points.ensureDisk(first, Optional.empty(), sample.diskSize(), soon());
            var booting = machine(sample, new MachineSpec.Moment(Optional.of(first), Optional.empty(), false));
            long began = System.nanoTime();
            try (var machine = driver.start(booting, Progress.NONE, soon())) {
                System.out.printf(Locale.ROOT, "%s: ready after %.1f s, %.1f s of CPU%n", arch.word(),
                        (System.nanoTime() - began) / 1e9, machine.stats().cpu().toMillis() / 1e3);
                machine.guest().runMain(false, soon());
                exec(machine, "until [ -e /dev/shm/slept ]; do sleep 0.1; done");
                points.checkpoint(sample.id(), checkpoint, Switch.own(first, second), false, Progress.NONE, soon());
                machine.kill();
            }
            driver.ensureStopped(sample.id().brief());
            var goingOn = machine(sample, new MachineSpec.Moment(Optional.of(second), Optional.of(checkpoint), false));
            try (var machine = driver.start(goingOn, Progress.NONE, soon())) {
                exec(machine, "touch /dev/shm/end");
                assertThat(machine.guest().waitForMain()).isEqualTo(new ExitStatus(5));
                machine.waitForEnd();
            }
            try (var log = driver.logs(sample.id()).output(false)) {
                assertThat(new String(log.next().orElseThrow().bytes(), UTF_8)).isEqualTo(arch.uname() + "\n");
            }
        }
    }

    /// Two CPUs, each of which has a timer that must go on. The ppc64le kernel alone needs more memory than the others leave it.
    private static MachineSpec machine(MachineSpec sample, MachineSpec.Moment moment) {
        return new MachineSpec(sample.id(), sample.hostname(), sample.arch(), 2, Bytes.mib(512), sample.diskSize(), sample.root(),
                sample.mac(), sample.program(), moment, sample.limits(), sample.confinement());
    }

    private static void exec(Machine machine, String script) throws IOException, InterruptedException {
        try (var process = machine.guest().exec(RealImages.program(script), soon())) {
            process.stdin().close();
            assertThat(process.waitForExit()).isEqualTo(new ExitStatus(0));
        }
    }

    private static Deadline soon() {
        return Deadline.in(BOOT_MAX);
    }
}
