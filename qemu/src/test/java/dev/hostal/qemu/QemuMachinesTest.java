package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuMachinesTest {
    @TempDir Path root;

    private FakeHost host;
    private MachineSpec spec;

    @BeforeEach void host() {
        host = new FakeHost(root);
        spec = spec(Samples.ID);
    }

    private MachineSpec spec(InstanceId id) {
        var sample = Samples.of(id, Arch.X86_64, 2, root.resolve("home"));
        return new MachineSpec(id, sample.hostname(), sample.arch(), sample.cpus(), sample.memory(), Bytes.mib(1),
                sample.root(), sample.mac(), sample.program());
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(10));
    }

    private Machine start(QemuMachines driver) throws IOException, InterruptedException {
        return driver.start(spec, Progress.NONE, soon());
    }

    @Test void startsOnceAndIsFound() throws Exception {
        var driver = host.driver(Faults.none());
        var stages = new ArrayList<String>();
        try (var machine = driver.start(spec, (stage, _, _) -> stages.add(stage), soon())) {
            assertThat(machine.accelerator()).isEqualTo("tcg");
            assertThat(stages).contains("starting QEMU with tcg", "configuring the guest");
            assertThat(start(driver)).isSameAs(machine);
            assertThat(driver.find(spec.id(), soon())).containsSame(machine);
            assertThat(host.domains.started).hasSize(1);
            assertThat(driver.known()).containsExactly(spec.id().brief());
            assertThat(host.configs).singleElement().satisfies(config -> {
                assertThat(config.layers()).isEqualTo(2);
                assertThat(config.program()).isEqualTo(spec.program());
            });
        }
    }

    @Test void theDomainHasWhatItNeedsAndNoMore() throws Exception {
        start(host.driver(Faults.none())).close();
        var domain = host.domains.started.getFirst();
        assertThat(domain.binds()).filteredOn(bind -> bind.writable())
                .extracting(bind -> bind.source().getFileName().toString())
                .containsExactlyInAnyOrder("s", "d", "disk.qcow2", "output.log", "console.log");
        assertThat(domain.binds()).hasSize(9);
        assertThat(domain.uid()).isEqualTo(0x40000000 + 0x012345);
        assertThat(domain.devices()).isEmpty();
        assertThat(domain.limits().memory()).contains(Bytes.mib(256 + 128 + 128 + 64));
    }

    @Test void aNewDaemonAdoptsWhatRuns() throws Exception {
        var before = start(host.driver(Faults.none()));
        before.close();
        var driver = host.driver(Faults.none());
        try (var machine = driver.find(spec.id(), soon()).orElseThrow()) {
            assertThat(machine.startedAt()).isEqualTo(before.startedAt());
            assertThat(machine.guest().addresses(soon())).containsExactly("10.0.2.15");
            assertThat(host.configs).as("configured once").hasSize(1);
            driver.ensureAbsent(spec.id().brief());
            assertThat(host.leftovers()).isEmpty();
            assertThat(driver.known()).isEmpty();
            driver.ensureAbsent(spec.id().brief());
        }
    }

    @Test void aPausedMachineIsAdoptedPausedAndAnswersWhenResumed() throws Exception {
        var before = start(host.driver(Faults.none()));
        before.pause(soon());
        before.close();
        host.agentAnswers = false;
        var driver = host.driver(Faults.none());
        try (var machine = driver.find(spec.id(), soon()).orElseThrow()) {
            assertThat(machine.isPaused()).isTrue();
            assertThat(machine.guest().mainExit()).isEmpty();
            host.agentAnswers = true;
            machine.resume(soon());
            assertThat(machine.isPaused()).isFalse();
            assertThat(machine.guest().addresses(soon())).containsExactly("10.0.2.15");
        }
    }

    @Test void aLostLinkIsMadeAgain() throws Exception {
        try (var machine = start(host.driver(Faults.none()))) {
            assertThat(host.links).isEqualTo(1);
            var losing = host.losing;
            host.losing = new AtomicBoolean();
            losing.set(true);
            assertThat(machine.guest().addresses(soon())).containsExactly("10.0.2.15");
            assertThat(machine.guest().addresses(soon())).containsExactly("10.0.2.15");
            assertThat(host.links).isEqualTo(2);
        }
    }

    @Test void killEndsIt() throws Exception {
        var driver = host.driver(Faults.none());
        try (var machine = start(driver)) {
            machine.kill();
            machine.waitForEnd();
            assertThat(driver.find(spec.id(), soon())).isEmpty();
            assertThat(driver.known()).containsExactly(spec.id().brief());
            driver.ensureStopped(spec.id().brief());
            assertThat(host.leftovers()).isEmpty();
            assertThat(Files.exists(host.folders.of(spec.id().brief()).disk())).isTrue();
        }
    }

    @Test void theDiskIsMadeOnceForEachSize() throws Exception {
        var driver = host.driver(Faults.none());
        start(driver).close();
        driver.start(spec(new InstanceId("f".repeat(64))), Progress.NONE, soon()).close();
        assertThat(host.commands).containsExactly("mke2fs", "qemu-img");
    }

    @Test void countersComeFromQemuAndItsDomain() throws Exception {
        try (var machine = start(host.driver(Faults.none()))) {
            var stats = machine.stats();
            assertThat(stats.diskRead()).isEqualTo(new Bytes(6));
            assertThat(stats.diskWritten()).isEqualTo(new Bytes(7));
            assertThat(stats.cpu()).isEqualTo(Duration.ofSeconds(3));
            assertThat(stats.processes()).isEqualTo(4);
        }
    }

    @Test void manyWatchOneConsole() throws Exception {
        try (var machine = start(host.driver(Faults.none()));
                var one = machine.openConsole(); var other = machine.openConsole()) {
            one.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
            assertThat(read(one, 5)).isEqualTo("hello");
            assertThat(read(other, 5)).isEqualTo("hello");
            machine.kill();
            assertThat(one.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(other.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThatThrownBy(() -> other.write(ByteBuffer.wrap(new byte[1]))).isInstanceOf(IOException.class);
        }
    }

    private static String read(ByteChannel channel, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            assertThat(channel.read(buffer)).isPositive();
        }
        return new String(buffer.array(), UTF_8);
    }

    // ---- what goes wrong

    private Problem refused(QemuMachines driver, MachineSpec wanted, Duration wait) {
        var thrown = org.assertj.core.api.Assertions.catchThrowableOfType(Problem.class,
                () -> driver.start(wanted, Progress.NONE, Deadline.in(wait)));
        assertThat(thrown).isNotNull();
        return thrown;
    }

    @Test void aGuestThatPanicsIsSaidToHavePanicked() throws Exception {
        host.domains.mood = FakeDomains.Mood.DIES_IN_BOOT;
        var problem = refused(host.driver(Faults.none()), spec, Duration.ofSeconds(10));
        assertThat(problem.code()).isIn(ErrorCode.GUEST_NOT_READY, ErrorCode.DRIVER_FAILED);
        if (problem.code() == ErrorCode.GUEST_NOT_READY) {
            assertThat(problem).hasMessageContaining("Kernel panic").hasMessageContaining("in the kernel");
        }
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void aGuestThatSaysNothingIsGivenUp() throws Exception {
        host.agentAnswers = false;
        var problem = refused(host.driver(Faults.none()), spec, Duration.ofMillis(600));
        assertThat(problem.code()).isEqualTo(ErrorCode.GUEST_NOT_READY);
        assertThat(problem).hasMessageContaining("firmware").hasMessageContaining("console is empty");
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void aGuestThatCannotBeConfiguredSaysWhy() throws Exception {
        host.configureFails = "layer1 is no squashfs";
        var problem = refused(host.driver(Faults.none()), spec, Duration.ofSeconds(10));
        assertThat(problem.code()).isEqualTo(ErrorCode.GUEST_NOT_READY);
        assertThat(problem).hasMessageContaining("layer1 is no squashfs").hasMessageContaining("after its agent");
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void qemusLastWordsAreTold() throws Exception {
        host.domains.mood = FakeDomains.Mood.DIES_AT_ONCE;
        host.domains.lastWords = "qemu-system-x86_64: -drive what: no such thing\n";
        assertThat(refused(host.driver(Faults.none()), spec, Duration.ofSeconds(10)))
                .hasMessageContaining("no such thing");
        host.domains.lastWords = "qemu-system-x86_64: cannot set up guest memory 'ram': Cannot allocate memory\n";
        assertThat(refused(host.driver(Faults.none()), spec, Duration.ofSeconds(10)))
                .hasMessageContaining("not enough memory").hasMessageContaining("\nMaybe");
        host.domains.lastWords = "";
        assertThat(refused(host.driver(Faults.none()), spec, Duration.ofSeconds(10)))
                .hasMessageContaining("without a word");
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void aMonitorThatNeverListensIsGivenUp() throws Exception {
        host.domains.mood = FakeDomains.Mood.NEVER_LISTENS;
        assertThat(refused(host.driver(Faults.none()), spec, Duration.ofMillis(100)).code())
                .isEqualTo(ErrorCode.TIMED_OUT);
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void aRuntimeThatRefusesLeavesNothing() throws Exception {
        host.domains.mood = FakeDomains.Mood.REFUSED;
        assertThatThrownBy(() -> start(host.driver(Faults.none()))).isInstanceOf(IOException.class)
                .hasMessageContaining("the runtime refused");
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void whatCannotBeIsRefusedBeforeAnythingIsDone() {
        var driver = host.driver(Faults.none());
        var foreign = new RootImage(spec.root().digest(), Arch.S390X, spec.root().layers(), spec.root().kernel());
        var wrong = new MachineSpec(spec.id(), spec.hostname(), spec.arch(), 1, spec.memory(), spec.diskSize(),
                foreign, spec.mac(), spec.program());
        assertThat(refused(driver, wrong, Duration.ofSeconds(1)))
                .hasMessage("The image is for s390x, and the machine is x86_64.");
        var many = Samples.of(Arch.ARMHF, 161);
        assertThat(refused(driver, many, Duration.ofSeconds(1))).hasMessageContaining("at most 160 layers, not 161");
        var deep = new FakeHost(root.resolve("x".repeat(100)));
        assertThat(refused(deep.driver(Faults.none()), spec, Duration.ofSeconds(1))).hasMessageContaining("too long");
        assertThat(host.commands).isEmpty();
        assertThat(host.folders.instances()).doesNotExist();
    }

    @Test void everyStepOfStartUnwinds() throws Exception {
        for (var kind : new Faults.Kind[] {Faults.Kind.FAILURE, Faults.Kind.INTERRUPT}) {
            for (int call = 0; ; call++) {
                var faults = Faults.at(kind, call);
                var fresh = new FakeHost(root.resolve(kind + "-" + call));
                try {
                    start(fresh.driver(faults)).close();
                } catch (IOException | InterruptedException | Problem _) {
                    // Which one it is depends on the step; what is left must not.
                }
                if (!faults.happened()) break;           // past the last step: all were tried
                assertThat(fresh.leftovers()).as("after %s at call %d", kind, call).isEmpty();
                start(fresh.driver(Faults.none())).close();     // and it can be tried again
            }
        }
    }

    @Test void aDaemonThatDiesAtAnyStepLeavesWhatTheNextOneFinishes() throws Exception {
        for (int call = 0; ; call++) {
            var faults = Faults.at(Faults.Kind.DEATH, call);
            var fresh = new FakeHost(root.resolve("death-" + call));
            var dying = Thread.ofVirtual().start(() -> {
                try {
                    start(fresh.driver(faults)).close();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            while (dying.isAlive() && !faults.happened()) {
                Thread.sleep(1);
            }
            if (!faults.happened()) break;
            fresh.domains.dropClients();
            var next = fresh.driver(Faults.none());
            start(next).close();
            assertThat(fresh.configs).as("death at call %d", call).isNotEmpty();
            next.ensureAbsent(spec.id().brief());
            assertThat(next.known()).isEmpty();
        }
    }
}
