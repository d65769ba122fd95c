package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.model.Arch;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class QemuCommandLineTest {
    private static final MachineFiles FILES =
            QemuFolders.of(Path.of("/var/lib/hostal"), Path.of("/run/hostal")).of(Samples.ID.brief());

    @Test void tcgOnEachArchitecture() throws IOException {
        for (var arch : Arch.values()) {
            Golden.check("tcg-" + arch.word() + ".args", lines(arch, 2, Accelerator.TCG, Arch.X86_64));
        }
    }

    @Test void kvm() throws IOException {
        Golden.check("kvm-x86_64.args", lines(Arch.X86_64, 1, Accelerator.KVM, Arch.X86_64));
        Golden.check("kvm-i386.args", lines(Arch.I386, 1, Accelerator.KVM, Arch.X86_64));
    }

    @Test void emulatedOnAHostWithAWeakerMemoryOrder() throws IOException {
        Golden.check("tcg-x86_64-on-aarch64.args", lines(Arch.X86_64, 1, Accelerator.TCG, Arch.AARCH64));
    }

    @Test void goingOnFromACheckpoint() throws IOException {
        var sample = Samples.of(Arch.X86_64, 1);
        var moment = new MachineSpec.Moment(Optional.of(new DiskId("0123456789abcdef01234567")),
                Optional.of(new CheckpointId("76543210fedcba9876543210")), true);
        var spec = new MachineSpec(sample.id(), sample.hostname(), sample.arch(), sample.cpus(), sample.memory(),
                sample.diskSize(), sample.root(), sample.mac(), sample.program(), moment, sample.limits(),
                sample.confinement());
        Golden.check("from-checkpoint.args", text(QemuCommandLine.of(Path.of("/usr/bin/qemu-system-x86_64"), spec,
                Accelerator.TCG, Arch.X86_64, FILES, Path.of("/var/lib/hostal/checkpoints/76543210fedcba9876543210/ram"))));
    }

    @Test void fromTheImagesOwnDisk() throws IOException {
        var sample = Samples.of(Arch.X86_64, 1);
        var root = new RootImage(sample.root().digest(), sample.arch(), List.of(), Optional.empty(),
                Optional.of(Path.of("/var/lib/hostal/blob")));
        var moment = new MachineSpec.Moment(Optional.of(new DiskId("0123456789abcdef01234567")), Optional.empty(), false);
        var spec = new MachineSpec(sample.id(), sample.hostname(), sample.arch(), sample.cpus(), sample.memory(),
                sample.diskSize(), root, sample.mac(), sample.program(), moment, sample.limits(), sample.confinement());
        Golden.check("from-disk.args", text(QemuCommandLine.of(Path.of("/usr/bin/qemu-system-x86_64"), spec, Accelerator.TCG,
                Arch.X86_64, FILES, Path.of("/none"))));
    }

    @Test void volumesFoldersAndMemory() throws IOException {
        for (var arch : List.of(Arch.X86_64, Arch.S390X)) {
            var spec = withVolumes(Samples.of(arch, 1));
            Golden.check("volumes-" + arch.word() + ".args", text(QemuCommandLine.of(
                    Path.of("/usr/bin/qemu-system-" + arch.qemu()), spec, Accelerator.TCG, Arch.X86_64, FILES,
                    Path.of("/none"))));
        }
    }

    private static DiskId disk(int number) {
        return new DiskId("%024x".formatted(number));
    }

    private static MachineSpec withVolumes(MachineSpec plain) {
        var mounts = List.of(
                new MachineMount(new MachineMount.Folder(Path.of("/srv/a"), "", true, Optional.empty(), false,
                        Optional.empty()), "/a", true),
                new MachineMount(new MachineMount.Disk(Path.of("/var/lib/hostal/volumes/1,2/disk"), disk(1)), "/b", false),
                new MachineMount(new MachineMount.Disk(Path.of("/var/lib/hostal/volumes/3/disk"), disk(2)), "/c", true),
                new MachineMount(new MachineMount.Memory(Optional.empty(), Optional.empty(), false), "/d", false),
                new MachineMount(new MachineMount.Layers(disk(3), false), "/e", false),
                new MachineMount(new MachineMount.Layers(disk(4), false), "/f", true),
                new MachineMount(new MachineMount.Layers(disk(5), true), "/g", false));
        return new MachineSpec(plain.id(), plain.hostname(), plain.arch(), plain.cpus(), plain.memory(), plain.diskSize(),
                plain.root(), plain.mac(), plain.program(), plain.moment(), plain.limits(), plain.confinement(), mounts,
                plain.nics());
    }

    @Test void sixtyLayersHaveSixtyPlaces() throws IOException {
        var text = lines(Arch.X86_64, 60, Accelerator.TCG, Arch.X86_64);
        Golden.check("sixty-layers.args", text);
        var places = text.lines().filter(line -> line.contains("addr="))
                .map(line -> line.replaceAll(".*bus=([^,]*),addr=([^,]*).*", "$1 $2")).toList();
        assertThat(places).hasSize(68).doesNotHaveDuplicates();
    }

    @Test void theMostLayersStillFit() {
        for (var arch : List.of(Arch.X86_64, Arch.S390X)) {
            int most = QemuCommandLine.LAYERS_MAX;
            MachineStart.check(Samples.of(arch, most), FILES);
            assertThat(lines(arch, most, Accelerator.TCG, Arch.X86_64)).contains("layer" + (most - 1));
        }
    }

    @Test void aCommaInAPathIsWrittenTwiceWhereItWouldPartValues() {
        var files = QemuFolders.of(Path.of("/srv/X,Y"), Path.of("/run/X,Y")).of(Samples.ID.brief());
        var argv = QemuCommandLine.of(Path.of("/usr/bin/qemu-system-x86_64"),
                Samples.of(Samples.ID, Arch.X86_64, 1, Path.of("/srv/X,Y")), Accelerator.TCG, Arch.X86_64, files,
                Path.of("/none"));
        assertThat(argv).filteredOn(word -> word.contains("X,Y")).containsExactly(
                "/srv/X,Y/kernels/x86_64/vmlinuz", "/srv/X,Y/kernels/x86_64/initramfs");
        assertThat(argv).filteredOn(word -> word.contains("X,,Y")).hasSize(7);
    }

    /// One option a line.
    private static String lines(Arch arch, int layers, Accelerator accelerator, Arch host) {
        var argv = QemuCommandLine.of(Path.of("/usr/bin/qemu-system-" + arch.qemu()), Samples.of(arch, layers),
                accelerator, host, FILES, Path.of("/none"));
        return text(argv);
    }

    private static String text(List<String> argv) {
        return argv.stream().map(word -> word.startsWith("-") ? "\n" + word : " " + word)
                .collect(Collectors.joining()).strip() + "\n";
    }
}
