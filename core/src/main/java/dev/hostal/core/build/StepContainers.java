package dev.hostal.core.build;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.instance.Node;
import dev.hostal.core.network.Plugging;
import dev.hostal.model.Boot;
import dev.hostal.model.Care;
import dev.hostal.model.Confinement;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Limits;
import dev.hostal.model.Nic;
import dev.hostal.model.ProcessSpec;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.BuildSteps;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import dev.hostal.spi.WrittenLayers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs each step of a build in a container of this node, on a network and within limits.
final class StepContainers implements BuildSteps {
    /// Of the guest: builds that print it are repeatable.
    private static final String HOSTNAME = "build";
    private static final Bytes DISK = Bytes.gib(1);

    private final Node node;

    StepContainers(Node node) {
        this.node = node;
    }

    @Override public <V> V run(Step step, Output output, Written<V> written, Deadline deadline)
            throws IOException, InterruptedException {
        var driver = node.driver(Kind.CONTAINER);
        if (!(driver instanceof WrittenLayers folders)) throw new Problem(ErrorCode.UNSUPPORTED,
                "Containers of this node do not tell what they have written, so no step of a build can run.");
        var id = node.newId();
        try {
            var plugging = node.networks().machines().plugFleeting(id, spec(id, step.network()));
            var status = run(id, step, plugging, driver, output, deadline);
            return written.read(status, folders.written(id.brief()));
        } finally {
            remove(id, driver);
        }
    }

    private ExitStatus run(InstanceId id, Step step, Plugging plugging, MachineDriver driver, Output output, Deadline deadline)
            throws IOException, InterruptedException {
        var machine = start(id, step, plugging, driver);
        try (machine; var process = machine.guest().attachMain(brief())) {
            plugging.ready().await(brief());
            machine.guest().runMain(true, brief());
            process.stdin().close();
            output.read(process.stdout(), process.stderr());
            var status = machine.guest().waitForMain();
            if (driver.ranOutOfMemory(id.brief())) throw new Problem(ErrorCode.BUILD_FAILED, "The step ran out of memory.");
            if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, "The build took too long.");
            machine.kill();
            return status;
        }
    }

    private Machine start(InstanceId id, Step step, Plugging plugging, MachineDriver driver)
            throws IOException, InterruptedException {
        var root = new RootImage("build", step.arch(), step.layers(), Optional.empty());
        var spec = new MachineSpec(id, HOSTNAME, step.arch(), InstanceSpec.CPUS_MAX,
                step.limits().memory().orElse(InstanceSpec.MEMORY_MAX), DISK, root, mac(id), Optional.of(step.program()),
                MachineSpec.Moment.NEW, step.limits().others(), confinement(step), step.mounts(), plugging.nics());
        node.starts().acquire();
        try {
            return driver.start(spec, Progress.NONE, Deadline.in(node.limits().startMax(step.arch(), node.arch())));
        } finally {
            node.starts().release();
        }
    }

    /// From the range that QEMU's documents use, as those of instances are.
    private static String mac(InstanceId id) {
        var digits = id.value();
        return "52:54:00:%s:%s:%s".formatted(digits.substring(0, 2), digits.substring(2, 4), digits.substring(4, 6));
    }

    private static Confinement confinement(Step step) {
        var usual = Confinement.USUAL;
        return new Confinement(step.insecure(), usual.capAdd(), usual.capDrop(), false, usual.seccomp(), step.insecure(), false,
                usual.userNamespace(), usual.pidNamespace(), usual.ipcNamespace(), usual.utsNamespace(), usual.sysctls(),
                usual.devices(), usual.groups(), step.limits().sharedMemory(), false, step.hosts(), usual.dns(),
                usual.dnsSearch(), usual.dnsOptions());
    }

    private Deadline brief() {
        return Deadline.in(node.limits().briefMax());
    }

    /// What its network is chosen by.
    private static InstanceSpec spec(InstanceId id, String network) {
        var nics = network.equals(BuildSpec.NETWORK_DEFAULT) ? List.<Nic>of()
                : List.of(new Nic(network, Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), Map.of()));
        return new InstanceSpec(new InstanceName("build-" + id.brief()), Kind.CONTAINER, ImageReference.parse("build"),
                Optional.empty(), 1, InstanceSpec.MEMORY_MIN, DISK, Boot.COMMAND, ProcessSpec.OF_IMAGE,
                Optional.empty(), Map.of(), true, Duration.ZERO, Limits.USUAL, Confinement.USUAL, Care.USUAL, List.of(),
                nics, List.of());
    }

    /// Also what is given up leaves nothing.
    private void remove(InstanceId id, MachineDriver driver) throws IOException, InterruptedException {
        boolean interrupted = Thread.interrupted();
        try {
            driver.ensureAbsent(id.brief());
        } finally {
            node.networks().machines().forget(id);
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
