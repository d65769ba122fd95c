package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.agent.AgentLogs;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.domain.DomainSpec;
import dev.hostal.linux.Command;
import dev.hostal.linux.Folders;
import dev.hostal.model.Arch;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.spi.MachineSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The driver's parts against the programs of this host, without a guest.
@Tag("real")
class RealQemuTest {
    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60));
    }

    @Test void theStubRunsToItsEndUnderEmulation() throws Exception {
        try (var real = new RealHost()) {
            for (var arch : List.of(Arch.X86_64, Arch.AARCH64)) {
                var stub = KvmStub.of(arch).orElseThrow();
                var image = Files.write(real.root.resolve("stub.bin"), stub.image());
                var probe = new KvmProbe(new QemuHost(arch, 0, "boot", Path.of("/dev/kvm")), real.processes, real.root);
                var argv = probe.argv(real.qemu(arch), stub, "tcg", Board.of(arch).cpu(), image);
                var exit = real.processes.run(Command.of(argv), soon());
                assertThat(exit.status()).as("%s: %s", arch, exit.stderr()).isEqualTo(stub.exitStatus());
            }
        }
    }

    @Test void theVerdictOnKvmComesInTimeAndIsKept() throws Exception {
        try (var real = new RealHost()) {
            var program = real.qemu(real.host.arch());
            var probe = new KvmProbe(real.host, real.processes, real.root.resolve("kept"));
            var verdict = probe.verdict(program);
            assertThat(verdict.reason()).isNotBlank();
            assertThat(verdict.works() || !verdict.remedy().isBlank()).isTrue();
            var again = Instant.now();
            assertThat(new KvmProbe(real.host, real.processes, real.root.resolve("kept")).verdict(program))
                    .isEqualTo(verdict);
            assertThat(Duration.between(again, Instant.now())).isLessThan(Duration.ofMillis(500));
            Files.writeString(real.root.resolve("kept/kvm.json"), "{\"key\": ");
            assertThat(probe.verdict(program).works()).isEqualTo(verdict.works());
        }
    }

    @Test void emptyDisksAreSmallAndSound() throws Exception {
        try (var real = new RealHost()) {
            var disks = new EmptyDisks(real.root.resolve("derived"), real.processes);
            for (var size : List.of(Bytes.mib(64), Bytes.gib(10), Bytes.gib(1024))) {
                var disk = real.root.resolve("disk-" + size.toMib());
                disks.ensure(disk, size, soon());
                long most = size.compareTo(Bytes.gib(100)) < 0 ? 4 << 20 : 40 << 20;
                assertThat(Files.size(disk)).as("%s", size).isLessThan(most);
                if (size.compareTo(Bytes.gib(100)) > 0) continue;
                var raw = real.root.resolve("disk.raw");
                real.processes.run(List.of("qemu-img", "convert", "-O", "raw", disk.toString(), raw.toString()),
                        soon()).orThrow("converting");
                assertThat(Files.size(raw)).isEqualTo(size.count());
                real.processes.run(List.of("e2fsck", "-f", "-n", raw.toString()), soon()).orThrow("checking");
            }
            assertThat(Folders.names(real.root.resolve("derived"))).hasSize(3)
                    .allMatch(name -> name.endsWith(".qcow2"));
        }
    }

    @Test void everyProbeHasAReason() throws Exception {
        try (var real = new RealHost()) {
            var probes = real.driver().probes();
            assertThat(probes).extracting(probe -> probe.name())
                    .contains("qemu-x86_64", "qemu-s390x", "qemu-img", "kvm");
            assertThat(probes).allMatch(probe -> !probe.reason().isBlank());
            assertThat(probes).allMatch(probe ->
                    probe.works() || probe.name().equals("kvm") || !probe.remedy().isBlank());
        }
    }

    /// Each board with two CPUs and sixty layers, in a domain, with nothing to boot.
    @Test void everyCommandLineIsUnderstood() throws Exception {
        try (var real = new RealHost()) {
            for (var arch : Arch.values()) {
                var brief = "%012x".formatted(arch.ordinal());
                var files = real.folders.of(brief);
                var spec = withFiles(real, Samples.of(Samples.ID, arch, 60, real.root));
                var start = new MachineStart(spec, files, real.host, real.qemu(arch), Accelerator.TCG,
                        new Disks(real.folders.disks()), new Checkpoints(real.folders.checkpoints(), "boot"));
                start.prepare(new EmptyDisks(real.folders.derived(), real.processes), new AgentLogs(
                        files.outputLog(), files.consoleLog(), () -> true),
                        new Taps(real.processes), MachineRecord.of(spec, Instant.now(), Accelerator.TCG), soon());
                var domain = real.domains.domains().start(withoutKernel(start.domain()), soon());
                var boot = new Boot(files, domain, 0, AgentLink.AGENT, (_, _, _) -> {});
                try (var monitor = new Monitor(files.qmpSocket())) {
                    boot.awaitMonitor(monitor, soon());
                    assertThat(monitor.call(new QmpCommand.QueryBlockstats(), soon()))
                            .hasSizeGreaterThan(spec.root().layers().size());
                    assertThat(Boot.lastWords(files)).as("%s", arch).isEmpty();
                }
                real.driver().ensureAbsent(brief);
            }
            assertThat(real.driver().known()).isEmpty();
        }
    }

    private static MachineSpec withFiles(RealHost real, MachineSpec spec) throws Exception {
        Files.createDirectories(real.root.resolve("images"));
        Files.createDirectories(spec.root().kernel().kernel().getParent());
        Files.write(spec.root().kernel().kernel(), new byte[512]);
        Files.write(spec.root().kernel().initramfs(), new byte[512]);
        for (var layer : spec.root().layers()) {
            Files.write(layer, new byte[4096]);
        }
        return new MachineSpec(spec.id(), spec.hostname(), spec.arch(), spec.cpus(), spec.memory(), Bytes.mib(64),
                spec.root(), spec.mac(), Optional.empty());
    }

    private static DomainSpec withoutKernel(DomainSpec spec) {
        var argv = new ArrayList<>(spec.argv());
        for (var option : List.of("-kernel", "-initrd", "-append")) {
            int at = argv.indexOf(option);
            argv.subList(at, at + 2).clear();
        }
        argv.add("-S");
        return new DomainSpec(spec.name(), argv, spec.env(), spec.workdir(), spec.outputLog(),
                spec.uid(), spec.gid(), spec.binds(), spec.devices(), spec.limits(), spec.hostNetwork());
    }
}
