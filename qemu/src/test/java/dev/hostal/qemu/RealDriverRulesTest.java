package dev.hostal.qemu;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.hostal.model.Arch;
import dev.hostal.sim.MachineDriverRules;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The driver of virtual machines keeps the rules of all drivers.
@Tag("real")
class RealDriverRulesTest {
    @RegisterExtension
    private static final RealImages images = new RealImages();

    @AutoClose
    private RealHost real;
    private QemuMachines driver;

    @BeforeEach void begin() throws Exception {
        real = new RealHost();
        driver = real.driver();
    }

    @TestFactory Stream<DynamicTest> itKeepsTheRules() {
        var bench = new MachineDriverRules.Bench() {
            @Override public MachineDriver driver() {
                return driver;
            }

            @Override public MachineDriver restarted() {
                driver = real.driver();
                return driver;
            }

            @Override public MachineSpec machine(List<String> argv) throws IOException, InterruptedException {
                return images.machine(Arch.X86_64, new ProgramSpec(argv,
                        List.of("PATH=/usr/bin:/bin:/usr/sbin:/sbin"), "", "/", false, true, Optional.empty()));
            }

            @Override public Duration patience() {
                return Duration.ofMinutes(3);
            }
        };
        return MachineDriverRules.of(bench).stream().map(rule -> dynamicTest(rule.text(), rule.check()::run));
    }
}
