package dev.hostal.container;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.hostal.model.Confinement;
import dev.hostal.sim.MachineDriverRules;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The driver of containers keeps the rules of all drivers.
@Tag("real")
@Timeout(300)
class RealDriverRulesTest {
    @RegisterExtension
    private final RealHost host = new RealHost();
    private ContainerMachines driver;

    @BeforeEach void begin() throws Exception {
        driver = host.driver();
    }

    private static MachineSpec withReaper(MachineSpec plain) {
        var usual = Confinement.USUAL;
        return new MachineSpec(plain.id(), plain.hostname(), plain.arch(), plain.cpus(), plain.memory(), plain.diskSize(),
                plain.root(), plain.mac(), plain.program(), MachineSpec.Moment.NEW, plain.limits(), new Confinement(false,
                usual.capAdd(), usual.capDrop(), false, usual.seccomp(), false, false, usual.userNamespace(),
                usual.pidNamespace(), usual.ipcNamespace(), usual.utsNamespace(), usual.sysctls(), usual.devices(),
                usual.groups(), usual.shmSize(), true, usual.extraHosts(), usual.dns(), usual.dnsSearch(), usual.dnsOptions()));
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
                // As the first process of a container, a program that does not listen for a signal, or not yet, does not get it.
                return withReaper(host.spec(RealHost.program(argv.toArray(String[]::new))));
            }

            @Override public Duration patience() {
                return Duration.ofMinutes(1);
            }
        };
        return MachineDriverRules.of(bench).stream().map(rule -> dynamicTest(rule.text(), rule.check()::run));
    }
}
