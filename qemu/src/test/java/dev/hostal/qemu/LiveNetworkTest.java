package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.spi.LiveNics;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// NICs of a running machine, of which QEMU is played.
class LiveNetworkTest {
    @TempDir Path root;

    private static MachineNic nic(int place) {
        return MachineNic.user("eth" + place, "52:54:00:00:00:%02x".formatted(place));
    }

    private static List<MachineNic> nics(int... places) {
        return IntStream.of(places).mapToObj(LiveNetworkTest::nic).toList();
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(10));
    }

    private MachineSpec spec(Arch arch, List<MachineNic> nics) {
        var plain = Samples.of(Samples.ID, arch, 1, root.resolve("home"));
        return new MachineSpec(plain.id(), plain.hostname(), plain.arch(), plain.cpus(), plain.memory(), Bytes.mib(1), plain.root(),
                plain.mac(), plain.program(), plain.moment(), plain.limits(), plain.confinement(), List.of(), nics);
    }

    private static FakeDomains.FakeQemu qemu(FakeHost host) {
        return host.domains.running.get(MachineStart.domainName(Samples.ID.brief()));
    }

    private static void change(Machine machine, int... places) throws IOException, InterruptedException {
        ((LiveNics) machine).ensureNics(nics(places), soon());
    }

    @Test void nicsComeAndGoOnceAndTheNextDaemonKnows() throws Exception {
        var host = new FakeHost(root);
        try (var machine = host.driver(Faults.none()).start(spec(Arch.X86_64, nics(0)), Progress.NONE, soon())) {
            change(machine, 0);
            assertThat(qemu(host).said).isEmpty();
            change(machine, 0, 1);
            change(machine, 0, 1);
            assertThat(qemu(host).said).containsExactly("netdev_del net1", "netdev_add net1", "device_add nic1");
            change(machine, 1);
            assertThat(qemu(host).devices).containsExactly("nic1");
        }
        qemu(host).said.clear();
        try (var machine = host.driver(Faults.none()).find(Samples.ID, soon()).orElseThrow()) {
            change(machine, 1);
            assertThat(qemu(host).said).as("found as it was left").isEmpty();
            qemu(host).devices.add("nic2");
        }
        try (var machine = host.driver(Faults.none()).find(Samples.ID, soon()).orElseThrow()) {
            change(machine, 1);
            assertThat(qemu(host).devices).as("what a daemon that died has not finished").containsExactly("nic1");
        }
    }

    @Test void whatCannotChangeSaysWhy() throws Exception {
        var host = new FakeHost(root);
        try (var machine = host.driver(Faults.none()).start(spec(Arch.X86_64, nics(0, 5)), Progress.NONE, soon())) {
            assertThatThrownBy(() -> change(machine, 0)).isInstanceOf(Problem.class).hasMessageContaining("eth5");
            machine.pause(soon());
            assertThatThrownBy(() -> change(machine, 0, 5, 1)).isInstanceOf(Problem.class).hasMessageContaining("paused");
            change(machine, 0, 5);
            assertThat(qemu(host).said).isEmpty();
        }
    }

    @Test void aBoardWithoutPortsSaysSo() throws Exception {
        assertThat(new NicDevices(Board.of(Arch.S390X)).isLive(9)).isTrue();
        assertThat(new NicDevices(Board.of(Arch.AARCH64)).isLive(3)).isTrue();
        assertThat(new NicDevices(Board.of(Arch.AARCH64)).isLive(4)).isFalse();
        assertThat(new NicDevices(Board.of(Arch.PPC64LE)).isLive(0)).isFalse();
    }

    @Test void sixteenNicsHaveSixteenPlaces() {
        for (var arch : Arch.values()) {
            var all = IntStream.range(0, NicDevices.NICS_MAX).mapToObj(LiveNetworkTest::nic).toList();
            var devices = new NicDevices(Board.of(arch));
            assertThat(all.stream().map(nic -> devices.deviceOption(nic, all).replaceAll(".*(bus|devno)=", ""))).as(arch.word())
                    .doesNotHaveDuplicates();
        }
    }
}
