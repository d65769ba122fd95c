package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.qmp.Netdev;
import dev.hostal.spi.LiveNics;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.SwitchPlaces;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// NICs of a running machine, of which QEMU is played.
class LiveNetworkTest {
    private static final SwitchPlaces SWITCHED = SwitchPlaces.below(Path.of("/run/hostal"));

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
        return new MachineSpec(plain.id(), plain.hostname(), plain.arch(), plain.cpus(), plain.memory(), Bytes.mib(1),
                plain.root(), plain.mac(), plain.program(), plain.moment(), plain.limits(), plain.confinement(), List.of(), nics);
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
            assertThat(qemu(host).said).filteredOn(said -> !said.startsWith("netdev_del"))
                    .containsExactly("netdev_add net1", "device_add nic1");
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
        assertThat(new NicDevices(Board.of(Arch.S390X), SWITCHED).isLive(9)).isTrue();
        assertThat(new NicDevices(Board.of(Arch.AARCH64), SWITCHED).isLive(3)).isTrue();
        assertThat(new NicDevices(Board.of(Arch.AARCH64), SWITCHED).isLive(4)).isFalse();
        assertThat(new NicDevices(Board.of(Arch.PPC64LE), SWITCHED).isLive(0)).isFalse();
    }

    @Test void whoMeetsOthersHasASwitchBetweenItsNicAndItsWayOut() throws Exception {
        var nic = MachineNic.switched("ho1n2", "eth1", "52:54:00:00:00:01", "10.0.2.17", "lab");
        assertThat(new NicDevices(Board.of(Arch.X86_64), SWITCHED).netdevs(nic).stream().map(Netdev::option)).containsExactly(
                "dgram,id=net1,local.type=unix,local.path=/run/hostal/u/ho1n2.N,remote.type=unix,remote.path=/run/hostal/u/ho1n2.n",
                "user,id=out1",
                "dgram,id=line1,local.type=unix,local.path=/run/hostal/u/ho1n2.U,remote.type=unix,remote.path=/run/hostal/u/ho1n2.u",
                "hubport,id=hubout1,hubid=1,netdev=out1", "hubport,id=hubline1,hubid=1,netdev=line1");
        var host = new FakeHost(root);
        try (var machine = host.driver(Faults.none()).start(spec(Arch.X86_64, nics(0)), Progress.NONE, soon())) {
            ((LiveNics) machine).ensureNics(List.of(nic(0), nic), soon());
            assertThat(qemu(host).said).filteredOn(said -> said.startsWith("netdev_add"))
                    .containsExactly("netdev_add net1", "netdev_add out1", "netdev_add line1", "netdev_add hubout1",
                            "netdev_add hubline1");
            qemu(host).said.clear();
            change(machine, 0);
            assertThat(qemu(host).said).filteredOn(said -> said.startsWith("netdev_del"))
                    .containsExactly("netdev_del hubline1", "netdev_del hubout1", "netdev_del line1", "netdev_del out1",
                            "netdev_del net1");
        }
    }

    @Test void sixteenNicsHaveSixteenPlaces() {
        for (var arch : Arch.values()) {
            var all = IntStream.range(0, NicDevices.NICS_MAX).mapToObj(LiveNetworkTest::nic).toList();
            var devices = new NicDevices(Board.of(arch), SWITCHED);
            assertThat(all.stream().map(nic -> devices.deviceOption(nic, all).replaceAll(".*(bus|devno)=", ""))).as(arch.word())
                    .doesNotHaveDuplicates();
        }
    }
}
