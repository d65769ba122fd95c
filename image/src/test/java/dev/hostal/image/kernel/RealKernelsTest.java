package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.image.Kernels;
import dev.hostal.image.distribution.PackageArchive;
import dev.hostal.image.distribution.RealHost;
import dev.hostal.image.distribution.WorkPlaces;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
        // Modules of riscv64 keep their local labels, which relaxing linkers need: its ext4 alone has 7 MB.
        assertThat(Files.size(made.initramfs())).isBetween(500L << 10, (arch == Arch.RISCV64 ? 16L : 8L) << 20);
        assertThat(reports.get()).isGreaterThanOrEqualTo(3);
        var offline = kernels(new PackageArchive(home.resolve("nowhere"), home.resolve("none"), PROCESSES,
                Clock.systemUTC()), agent);
        assertThat(offline.forArch(arch, Progress.NONE, Deadline.in(Duration.ofSeconds(5)))).isEqualTo(made);
    }

    /// An image in two layers: modules in the lower, the kernel in the upper.
    @Test void theKernelThatAnImageBrings() throws Exception {
        var packages = new PackageArchive(Path.of("/"), home.resolve("packages"), PROCESSES, Clock.systemUTC());
        var deadline = Deadline.in(Duration.ofMinutes(3));
        var debs = Files.createDirectory(home.resolve("debs"));
        var root = Files.createDirectory(home.resolve("root"));
        for (var deb : packages.fetch(Arch.X86_64, KernelPackages.of(Arch.X86_64), KernelPackages.FOLLOW, debs,
                Progress.NONE, deadline).files()) {
            packages.unpack(deb, root, deadline);
        }
        var release = UnpackedKernel.find(root).orElseThrow().release();
        var lower = layer(root.resolve("lib"), "lib");
        var upper = layer(root.resolve("boot"), "boot");
        var agent = Files.writeString(home.resolve("agent"), "an agent");
        var kernels = kernels(packages, agent);
        var image = new Kernels.ImageKernel("sha256:" + "a".repeat(64), Arch.X86_64, release, List.of(lower, upper));

        var started = System.nanoTime();
        var made = kernels.fromImage(image, Progress.NONE, deadline);
        System.out.printf("from an image: %.1f s%n", (System.nanoTime() - started) / 1e9);
        assertThat(made.release()).isEqualTo(release);
        assertThat(Files.size(made.initramfs())).isGreaterThan(500 << 10);
        assertThat(kernels.fromImage(image, Progress.NONE, deadline)).isEqualTo(made);

        kernels.ensureAbsent(image.imageDigest());
        kernels.ensureAbsent(image.imageDigest());
        assertThat(made.kernel()).doesNotExist();
        var none = new Kernels.ImageKernel("sha256:" + "b".repeat(64), Arch.X86_64, release, List.of(lower));
        assertThatThrownBy(() -> kernels.fromImage(none, Progress.NONE, deadline)).isInstanceOf(Problem.class)
                .hasMessageContaining(release);
    }

    private Path layer(Path folder, String name) throws Exception {
        var tar = home.resolve(name + ".tar");
        var squashfs = home.resolve(name + ".sqfs");
        var deadline = Deadline.in(Duration.ofMinutes(1));
        PROCESSES.run(List.of("tar", "-C", folder.getParent().toString(), "-cf", tar.toString(), name), deadline)
                .orThrow("packing");
        PROCESSES.run(Command.of("tar2sqfs", "--quiet", "--compressor", "lz4", squashfs.toString())
                .withStdin(Files.readAllBytes(tar)), deadline).orThrow("making a layer");
        return squashfs;
    }

    private DistributionKernels kernels(PackageArchive packages, Path agent) {
        return new DistributionKernels(home.resolve("kernels"), WorkPlaces.of(home),
                packages, PROCESSES, (_, _) -> agent);
    }
}
