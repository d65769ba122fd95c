package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Folders;
import dev.hostal.model.Arch;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whole machines on this host: the tiny image, booted through the driver.
@Tag("real")
class RealGuestTest {
    /// Twenty times what a boot takes on a quiet machine.
    private static final Duration BOOT_MAX = Duration.ofSeconds(90);

    @RegisterExtension
    private static final RealImages images = new RealImages();

    @AutoClose
    private RealHost real;
    private QemuMachines driver;

    @BeforeEach void host() throws Exception {
        real = new RealHost();
        driver = real.driver();
    }

    private static Deadline soon() {
        return Deadline.in(BOOT_MAX);
    }

    private Machine start(MachineSpec spec) throws IOException, InterruptedException {
        return driver.start(spec, Progress.NONE, soon());
    }

    private String output(MachineSpec spec, MachineLogs.Stream stream) throws IOException, InterruptedException {
        var text = new StringBuilder();
        try (var log = driver.logs(spec.id()).output(false)) {
            for (var piece = log.next(); piece.isPresent(); piece = log.next()) {
                if (piece.get().stream() == stream) text.append(new String(piece.get().bytes(), UTF_8));
            }
        }
        return text.toString();
    }

    private static String exec(Machine machine, String script) throws IOException, InterruptedException {
        try (var process = machine.guest().exec(RealImages.program(script), soon())) {
            process.stdin().close();
            var text = new String(process.stdout().readAllBytes(), UTF_8);
            process.waitForExit();
            return text;
        }
    }

    @Test void aProgramRunsAndItsEndAndOutputAreKept() throws Exception {
        var spec = images.machine(Arch.X86_64, "uname -m; echo oops >&2; exit 7");
        try (var machine = start(spec)) {
            machine.guest().runMain(false, soon());
            assertThat(machine.guest().waitForMain()).isEqualTo(new ExitStatus(7));
            machine.waitForEnd();
        }
        assertThat(output(spec, MachineLogs.Stream.STDOUT)).isEqualTo("x86_64\n");
        assertThat(output(spec, MachineLogs.Stream.STDERR)).isEqualTo("oops\n");
        assertThat(driver.logs(spec.id()).lastExit()).contains(new ExitStatus(7));
        assertThat(driver.find(spec.id(), soon())).isEmpty();
        driver.ensureStopped(spec.id().brief());
        // The disk is the instance's: a second run finds what the first has written.
        driver.ensureAbsent(spec.id().brief());
        assertThat(driver.known()).isEmpty();
    }

    @Test void aNewDaemonFindsTheMachineAndCanUseIt() throws Exception {
        var spec = images.machine(Arch.X86_64, "echo started; trap 'exit 3' TERM; while true; do sleep 0.1; done");
        var before = start(spec);
        before.guest().runMain(false, soon());
        assertThat(exec(before, "echo $((6*7)); hostname")).isEqualTo("42\nbox\n");
        before.close();

        driver = real.driver();
        try (var machine = driver.find(spec.id(), soon()).orElseThrow()) {
            assertThat(machine.startedAt()).isEqualTo(before.startedAt());
            assertThat(machine.guest().addresses(soon())).contains("10.0.2.15");
            assertThat(exec(machine, "cat /etc/hostname")).isEqualTo("box\n");
            machine.guest().runMain(false, soon());
            machine.pause(soon());
            assertThat(machine.isPaused()).isTrue();
        }
        driver = real.driver();
        try (var machine = driver.find(spec.id(), soon()).orElseThrow()) {
            assertThat(machine.isPaused()).isTrue();
            machine.resume(soon());
            var stats = machine.stats();
            assertThat(stats.cpu()).isPositive();
            assertThat(stats.memory().toMib()).isPositive();
            assertThat(stats.diskRead().count()).isPositive();
            machine.guest().signalMain("TERM", soon());
            assertThat(machine.guest().waitForMain()).isEqualTo(new ExitStatus(3));
            machine.waitForEnd();
        }
        assertThat(output(spec, MachineLogs.Stream.STDOUT)).isEqualTo("started\n");
    }

    @Test void killEndsItAtOnceAndTheDiskStays() throws Exception {
        var spec = images.machine(Arch.X86_64, "sleep 1000");
        try (var machine = start(spec)) {
            machine.guest().runMain(false, soon());
            exec(machine, "echo remembered > /kept; sync");
            machine.kill();
            assertThat(machine.guest().waitForMain()).isEqualTo(ExitStatus.KILLED);
        }
        driver.ensureStopped(spec.id().brief());
        assertThat(Folders.names(real.folders.machines())).isEmpty();
        try (var machine = start(new MachineSpec(spec.id(), spec.hostname(), spec.arch(), spec.cpus(), spec.memory(),
                spec.diskSize(), spec.root(), spec.mac(), Optional.of(RealImages.program("cat /kept"))))) {
            machine.guest().runMain(false, soon());
            assertThat(machine.guest().waitForMain()).isEqualTo(new ExitStatus(0));
            machine.waitForEnd();
        }
        assertThat(output(spec, MachineLogs.Stream.STDOUT)).isEqualTo("remembered\n");
    }

    @Test void shutdownEndsItGracefully() throws Exception {
        var spec = images.machine(Arch.X86_64, "trap 'echo bye; exit 0' TERM; while true; do sleep 0.1; done");
        try (var machine = start(spec)) {
            machine.guest().runMain(false, soon());
            exec(machine, "sleep 0.5");
            machine.guest().shutdown(soon());
            machine.waitForEnd();
        }
        assertThat(output(spec, MachineLogs.Stream.STDOUT)).isEqualTo("bye\n");
    }

    @Test void threeAtOnce() throws Exception {
        var specs = new ArrayList<MachineSpec>();
        for (int i = 0; i < 3; i++) {
            specs.add(images.machine(Arch.X86_64, "exit " + (10 + i)));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var exits = new ArrayList<Future<ExitStatus>>();
            for (var spec : specs) {
                exits.add(threads.submit(() -> {
                    try (var machine = start(spec)) {
                        machine.guest().runMain(false, soon());
                        return machine.guest().waitForMain();
                    }
                }));
            }
            for (int i = 0; i < 3; i++) {
                assertThat(exits.get(i).get()).isEqualTo(new ExitStatus(10 + i));
            }
        }
    }

    @Test void theConsoleShowsWhatTheGuestWrites() throws Exception {
        var spec = images.machine(Arch.X86_64, "sleep 1000");
        try (var machine = start(spec); var console = machine.openConsole()) {
            machine.guest().runMain(false, soon());
            exec(machine, "echo over here > /dev/console");
            var seen = new StringBuilder();
            var buffer = ByteBuffer.allocate(1000);
            while (!seen.toString().contains("over here") && console.read(buffer.clear()) >= 0) {
                seen.append(new String(buffer.array(), 0, buffer.position(), UTF_8));
            }
            assertThat(seen.toString()).contains("over here");
            assertThat(Files.readString(real.folders.of(spec.id().brief()).consoleLog())).contains("over here");
            machine.kill();
        }
    }

    @Test void qemuSeesOnlyItsOwnFilesAndHasNoRights() throws Exception {
        var spec = images.machine(Arch.X86_64, "sleep 1000");
        var secret = Files.writeString(real.root.resolve("home-of-another"), "secret");
        try (var machine = start(spec)) {
            var domain = real.domains.domains().find(MachineStart.domainName(spec.id().brief())).orElseThrow();
            var status = Files.readString(Path.of("/proc/" + domain.pid() + "/status"));
            if (real.host.isRoot()) {
                assertThat(status).containsPattern("Uid:\\s+1[0-9]{9}\\s").containsPattern("CapEff:\\s+0+\\n");
                assertThat(Path.of("/proc/" + domain.pid() + "/root/etc/shadow")).doesNotExist();
                assertThat(Path.of("/proc/" + domain.pid() + "/root" + secret)).doesNotExist();
                assertThat(Path.of("/proc/" + domain.pid() + "/root" + real.folders.of(spec.id().brief()).record()))
                        .doesNotExist();
                assertThat(Path.of("/proc/" + domain.pid() + "/root" + real.folders.of(spec.id().brief()).disk()))
                        .exists();
            }
            assertThat(status).containsPattern("Seccomp:\\s+2");
            machine.kill();
        }
    }

    @Test void aGuestWithoutRootStopsWithItsConsole() throws Exception {
        var spec = images.machine(Arch.X86_64, "true");
        var noLayer = Files.write(real.root.resolve("no.squashfs"), new byte[4096]);
        var broken = new RootImage(spec.root().digest(), spec.arch(), List.of(noLayer), spec.root().kernel());
        assertThatThrownBy(() -> start(with(spec, broken))).isInstanceOfSatisfying(Problem.class, problem ->
                assertThat(problem.code()).isEqualTo(ErrorCode.GUEST_NOT_READY));
        assertThat(real.domains.domains().names()).isEmpty();
        assertThat(Folders.names(real.folders.machines())).isEmpty();
    }

    @Test void aKernelWithoutInitPanicsAndIsToldSo() throws Exception {
        var spec = images.machine(Arch.X86_64, "true");
        var empty = Files.write(real.root.resolve("initramfs"), new byte[512]);
        var kernel = new GuestKernel("none", spec.root().kernel().kernel(), empty);
        var broken = new RootImage(spec.root().digest(), spec.arch(), spec.root().layers(), kernel);
        assertThatThrownBy(() -> start(with(spec, broken))).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.GUEST_NOT_READY);
            assertThat(problem).hasMessageContaining("anic").hasMessageContaining("in the kernel");
        });
        assertThat(Folders.names(real.folders.machines())).isEmpty();
    }

    private static MachineSpec with(MachineSpec spec, RootImage root) {
        return new MachineSpec(spec.id(), spec.hostname(), spec.arch(), spec.cpus(), spec.memory(), spec.diskSize(),
                root, spec.mac(), spec.program());
    }
}
