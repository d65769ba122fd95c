package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.hostal.sim.MachineDriverRules;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/// The driver of containers keeps the rules of all drivers.
@Tag("real")
@Timeout(300)
class RealDriverRulesTest {
    private RealHost host;
    private ContainerMachines driver;

    @BeforeEach void begin() throws Exception {
        host = new RealHost();
        driver = host.driver();
    }

    @AfterEach void nothingIsLeft() throws Exception {
        assertThat(host.leftovers()).isEmpty();
        host.close();
    }

    @TestFactory Stream<DynamicTest> itKeepsTheRules() {
        var bench = new MachineDriverRules.Bench() {
            @Override public MachineDriver driver() {
                return driver;
            }

            @Override public MachineDriver restarted() throws IOException {
                driver = host.driver();
                return driver;
            }

            @Override public MachineSpec machine(List<String> argv) {
                // As the first process of a container, a program that does not listen for a signal does not get it.
                boolean deaf = argv.equals(List.of("sleep", "infinity"));
                return host.spec(deaf ? RealHost.shell("trap 'exit 0' TERM; while :; do sleep 0.1; done")
                        : RealHost.program(argv.toArray(String[]::new)));
            }

            @Override public Duration patience() {
                return Duration.ofMinutes(1);
            }
        };
        return MachineDriverRules.of(bench).stream().map(rule -> dynamicTest(rule.text(), rule.check()::run));
    }
}
