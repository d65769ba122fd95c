package dev.hostal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The simulated host keeps the rules of real ones, and misbehaves as it is told.
final class SimHostTest {
    private static final Instant DAWN = Instant.parse("2026-11-01T00:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Random random = new Random(1);
    private final SimHost host = new SimHost(1, SimTime.timesFaster(DAWN, 1000));
    private SimSession session = host.connect();

    @TestFactory Stream<DynamicTest> itsDriverKeepsTheRules() {
        var bench = new MachineDriverRules.Bench() {
            @Override public MachineDriver driver() {
                return session.driver();
            }

            @Override public MachineDriver restarted() {
                session.kill();
                session = host.connect();
                return session.driver();
            }

            @Override public MachineSpec machine(List<String> argv) throws IOException, InterruptedException {
                return spec(argv);
            }

            @Override public Duration patience() {
                return PATIENCE;
            }
        };
        return MachineDriverRules.of(bench).stream().map(rule -> dynamicTest(rule.text(), rule.check()::run));
    }

    @Test void aCallThatFailsIsUndone() throws Exception {
        var spec = spec(List.of("true"));
        for (int call = 0; ; call++) {
            session = host.connect();
            session.failingAtCall(call);
            try {
                session.driver().start(spec, Progress.NONE, Deadline.in(PATIENCE));
                break;
            } catch (IOException _) {
                assertThat(host.leftovers()).as("call %d", call).isEmpty();
            }
        }
        assertThat(host.running()).containsExactly(spec.id().brief());
    }

    @Test void aDeadDaemonDoesNothingMoreAndItsMachinesRunOn() throws Exception {
        var spec = spec(List.of("cat"));
        var machine = session.driver().start(spec, Progress.NONE, Deadline.in(PATIENCE));
        machine.guest().runMain(false, Deadline.in(PATIENCE));
        var process = machine.guest().attachMain(Deadline.in(PATIENCE));
        session.kill();
        assertThatThrownBy(machine::kill).isInstanceOf(DaemonKilled.class);
        assertThatThrownBy(machine::waitForEnd).isInstanceOf(DaemonKilled.class);
        assertThatThrownBy(() -> process.stdout().read()).isInstanceOf(IOException.class);
        assertThat(host.running()).hasSize(1);
        var found = host.connect().driver().find(spec.id(), Deadline.in(PATIENCE)).orElseThrow();
        try (var again = found.guest().attachMain(Deadline.in(PATIENCE))) {
            again.stdin().write("still there".getBytes(StandardCharsets.UTF_8));
            again.stdin().close();
            assertThat(again.stdout().readAllBytes()).asString().isEqualTo("still there");
        }
    }

    @Test void disksFillUpAndBootsFail() throws Exception {
        host.fillDisk(true);
        assertThatThrownBy(() -> session.driver().start(spec(List.of("true")), Progress.NONE, Deadline.in(PATIENCE)))
                .isInstanceOf(Problem.class).hasMessageContaining("no space");
        host.fillDisk(false);
        host.breakBoots(true);
        assertThatThrownBy(() -> session.driver().start(spec(List.of("true")), Progress.NONE, Deadline.in(PATIENCE)))
                .isInstanceOf(Problem.class).hasMessageContaining("Kernel panic");
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void theSameSeedBootsInTheSameTime() {
        var first = new SimHost(9, SimTime.instant(DAWN));
        var second = new SimHost(9, SimTime.instant(DAWN));
        for (int i = 0; i < 10; i++) {
            assertThat(first.bootTime()).isEqualTo(second.bootTime()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
        }
    }

    @Test void filesGoThroughTar() throws Exception {
        var files = new TreeMap<String, byte[]>();
        files.put("/data/a/one", "1".repeat(700).getBytes(StandardCharsets.US_ASCII));
        files.put("/data/b", new byte[0]);
        files.put("/other", new byte[3]);
        var archive = SimTar.write(files, "/data");
        var read = SimTar.read(archive, "/copy");
        assertThat(read.keySet()).containsExactly("/copy/data/a/one", "/copy/data/b");
        assertThat(read.get("/copy/data/a/one")).hasSize(700);
        assertThatThrownBy(() -> SimTar.write(files, "/none")).isInstanceOf(IOException.class);
    }

    private MachineSpec spec(List<String> argv) throws IOException, InterruptedException {
        var images = host.connect().images();
        var image = images.obtain(ImageReference.parse("tiny"), Arch.X86_64, false, Progress.NONE, Deadline.in(PATIENCE));
        var root = images.prepare(image.digest(), false, Progress.NONE, Deadline.in(PATIENCE));
        return new MachineSpec(InstanceId.random(random), "guest", Arch.X86_64, 1, Bytes.mib(128), Bytes.gib(1), root,
                "52:54:00:12:34:56", Optional.of(MachineDriverRules.program(argv.toArray(String[]::new))));
    }
}
