package dev.hostal.qemu;

import dev.hostal.agent.AgentBinary;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.image.LocalImages;
import dev.hostal.image.distribution.PackageArchive;
import dev.hostal.image.distribution.TinyImage;
import dev.hostal.image.distribution.WorkPlaces;
import dev.hostal.image.kernel.DistributionKernels;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The tiny image and its kernel, made from the distribution's packages for a class of tests, and machines of it.
final class RealImages implements BeforeAllCallback, AfterAllCallback {
    private static final List<String> ENV = List.of("PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/root");

    private final Random ids = new Random(7);
    private RealHost host;
    private LocalImages images;

    @Override public void beforeAll(ExtensionContext tests) throws IOException {
        host = new RealHost();
        var home = host.root;
        var places = WorkPlaces.of(home);
        var packages = new PackageArchive(Path.of("/"), home.resolve("packages"), host.processes, Clock.systemUTC());
        var agents = new AgentBinary(home.resolve("agents"));
        var kernels = new DistributionKernels(home.resolve("kernels"), places, packages, host.processes, agents::of);
        images = LocalImages.open(home.resolve("images"), new LocalImages.Services(new Registries(
                        RegistryOptions.of(home.resolve("docker"), ProxySelector.of(null))),
                List.of(new TinyImage(packages, places, Clock.systemUTC())), kernels, host.processes, host.packages));
    }

    @Override public void afterAll(ExtensionContext tests) throws IOException {
        host.close();
    }

    RootImage tiny(Arch arch) throws IOException, InterruptedException {
        var deadline = Deadline.in(Duration.ofMinutes(10));
        var image = images.obtain(ImageReference.parse("tiny"), arch, false, Progress.NONE, deadline);
        return images.prepare(image.digest(), false, Progress.NONE, deadline);
    }

    /// A machine of the tiny image that runs a shell script.
    MachineSpec machine(Arch arch, String script) throws IOException, InterruptedException {
        return machine(arch, program(script));
    }

    MachineSpec machine(Arch arch, ProgramSpec program) throws IOException, InterruptedException {
        return new MachineSpec(InstanceId.random(ids), "box", arch, 1, Bytes.mib(256), Bytes.gib(10), tiny(arch),
                "52:54:00:12:34:56", Optional.of(program));
    }

    static ProgramSpec program(String script) {
        return new ProgramSpec(List.of("/bin/sh", "-c", script), ENV, "", "/", false, false, Optional.empty());
    }
}
