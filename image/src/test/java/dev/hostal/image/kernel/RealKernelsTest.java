package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.image.distribution.PackageArchive;
import dev.hostal.image.distribution.RealHost;
import dev.hostal.image.distribution.WorkPlaces;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every architecture's kernel from the package sources of this host.
@Tag("real")
class RealKernelsTest {
    private static final Processes PROCESSES = RealHost.processes();

    @TempDir Path home;

    @ParameterizedTest
    @EnumSource(Arch.class)
    void aKernelForEveryArchitectureThatIsThenFoundWithoutANetwork(Arch arch) throws Exception {
        var agent = Files.writeString(home.resolve("agent"), "an agent");
        var kernels = kernels(new PackageArchive(Path.of("/"), home.resolve("packages"), PROCESSES, Clock.systemUTC()), agent);
        var reports = new AtomicInteger();
        var started = System.nanoTime();
        var made = kernels.forArch(arch, (_, _, _) -> reports.incrementAndGet(), Deadline.in(Duration.ofMinutes(3)));
        System.out.printf("%s %s: %.1f s, kernel %d KiB, initramfs %d KiB%n", arch.word(), made.release(),
                (System.nanoTime() - started) / 1e9, Files.size(made.kernel()) >> 10, Files.size(made.initramfs()) >> 10);

        assertThat(Files.size(made.kernel())).isGreaterThan(4 << 20);
        assertThat(Files.size(made.initramfs())).isBetween(500L << 10, 8L << 20);
        assertThat(reports.get()).isGreaterThanOrEqualTo(3);
        var offline = kernels(new PackageArchive(home.resolve("nowhere"), home.resolve("none"), PROCESSES, Clock.systemUTC()), agent);
        assertThat(offline.forArch(arch, Progress.NONE, Deadline.in(Duration.ofSeconds(5)))).isEqualTo(made);
    }

    private DistributionKernels kernels(PackageArchive packages, Path agent) {
        return new DistributionKernels(home.resolve("kernels"), WorkPlaces.of(home),
                packages, PROCESSES, (_, _) -> agent);
    }
}
