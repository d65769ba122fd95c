package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.agent.AgentBinary;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `uname -m` in a guest of each architecture: the tiny image, by emulation.
@Tag("real")
class RealArchitecturesTest {
    /// Ten times what the slowest takes on a quiet machine.
    private static final Duration BOOT_MAX = Duration.ofMinutes(6);
    private static final Duration INSTALL_MAX = Duration.ofMinutes(10);

    @TempDir static Path home;

    @ParameterizedTest
    @EnumSource(Arch.class)
    void bootsAndRunsAProgram(Arch arch) throws Exception {
        try (var real = new RealHost()) {
            real.packages.ensure(AgentBinary.packages(arch), (_, _, _) -> {}, Deadline.in(INSTALL_MAX));
            var sample = new RealImages(real, home).machine(arch, "uname -m; exit 5");
            // The ppc64le kernel alone needs more than the others leave it.
            var spec = new MachineSpec(sample.id(), sample.hostname(), arch, 1, Bytes.mib(512), sample.diskSize(),
                    sample.root(), sample.mac(), sample.program());
            var driver = real.driver();
            long began = System.nanoTime();
            try (var machine = driver.start(spec, Progress.NONE, Deadline.in(BOOT_MAX))) {
                long ready = System.nanoTime();
                var cpu = machine.stats().cpu();
                machine.guest().runMain(false, Deadline.in(BOOT_MAX));
                assertThat(machine.guest().waitForMain()).isEqualTo(new ExitStatus(5));
                machine.waitForEnd();
                System.out.printf(Locale.ROOT, "%s: ready after %.1f s, %.1f s of CPU, ended after %.1f s%n",
                        arch.word(), (ready - began) / 1e9, cpu.toMillis() / 1e3, (System.nanoTime() - began) / 1e9);
            }
            try (var log = driver.logs(spec.id()).output(false)) {
                assertThat(new String(log.next().orElseThrow().bytes(), UTF_8)).isEqualTo(arch.uname() + "\n");
            }
        }
    }
}
