package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What a real guest sees beside its image.
@Tag("real")
class RealVolumesTest {
    private static final Duration BOOT_MAX = Duration.ofSeconds(90);

    @TempDir Path shared;

    @RegisterExtension
    private static final RealImages images = new RealImages();

    @AutoClose
    private RealHost real;
    private QemuMachines driver;

    @BeforeEach void host() throws Exception {
        real = new RealHost();
        driver = real.driver();
    }

    @Test void foldersFilesAndMemoryAreMountedAndNothingElseIsInReach() throws Exception {
        var data = Files.createDirectory(shared.resolve("data"));
        var fixed = Files.createDirectory(shared.resolve("fixed"));
        var filled = Files.createDirectory(shared.resolve("filled"));
        var file = Files.writeString(shared.resolve("one-file"), "alone\n");
        Files.writeString(data.resolve("from-host"), "hello\n");
        Files.writeString(fixed.resolve("kept"), "kept\n");
        var spec = machine(List.of(folder(data, "/srv/data", false, false), folder(fixed, "/fixed", true, false),
                folder(filled, "/etc", false, true), folder(file, "/srv/file", false, false),
                new MachineMount(new MachineMount.Memory(Optional.of(Bytes.mib(4)), Optional.of("700"), false), "/fast", false)));
        try (var machine = driver.start(spec, Progress.NONE, soon())) {
            assertThat(exec(machine, "cat /srv/data/from-host; echo hi > /srv/data/from-guest; chown 1234:99 /srv/data/from-guest"
                    + "; chmod 640 /srv/data/from-guest; cat /srv/file; cat /srv/data/../../fixed/kept"))
                    .isEqualTo("hello\nalone\nkept\n");
            assertThat(data.resolve("from-guest")).hasContent("hi\n");
            assertThat(Files.getAttribute(data.resolve("from-guest"), "unix:uid")).isEqualTo(1234);
            assertThat(Files.getAttribute(data.resolve("from-guest"), "unix:gid")).isEqualTo(99);
            assertThat(exec(machine, "echo no > /fixed/x; mount -o remount,rw /fixed 2>/dev/null; echo no > /fixed/kept"))
                    .contains("Read-only file system");
            assertThat(fixed.resolve("kept")).hasContent("kept\n");
            assertThat(fixed.resolve("x")).doesNotExist();
            // What the image has there is in the volume now, and the guest's names are.
            assertThat(filled.resolve("passwd")).exists();
            assertThat(exec(machine, "hostname; cat /etc/hostname; stat -c %a /fast; df -k /fast | tail -n 1 | awk '{ print $2 }'"))
                    .isEqualTo("box\nbox\n700\n4096\n");
            // A link that leads out of a folder ends in the guest, and a device is none of the host's.
            Files.createSymbolicLink(data.resolve("out"), shared.resolve("secret"));
            Files.writeString(shared.resolve("secret"), "secret\n");
            assertThat(exec(machine, "cat /srv/data/out; mknod /srv/data/disk b 8 0")).doesNotContain("secret\n");
            assertThat(data.resolve("disk")).doesNotExist();
            machine.kill();
            machine.waitForEnd();
        }
        driver.ensureStopped(spec.id().brief());
        assertThat(real.domains.domains().names()).isEmpty();
    }

    @Test void theSharingProcessEndsWithItsMachineWhoeverIsLeftToSeeToIt() throws Exception {
        var spec = machine(List.of(folder(Files.createDirectory(shared.resolve("d")), "/d", false, false)));
        driver.start(spec, Progress.NONE, soon()).close();
        var sharing = real.domains.domains().find(FolderSharing.domainName(spec.id().brief())).orElseThrow();

        driver = real.driver();             // another daemon
        try (var machine = driver.find(spec.id(), soon()).orElseThrow()) {
            assertThat(exec(machine, "echo x > /d/x; cat /d/x")).isEqualTo("x\n");
            machine.kill();
        }
        sharing.waitForEnd();
        driver.ensureStopped(spec.id().brief());

        // One whose daemon died before QEMU came: known, and gone with what else there is of it.
        var files = real.folders.of(spec.id().brief());
        new FolderSharing(files, new GuestMounts(spec.mounts()), Optional.empty())
                .start(real.domains.domains(), spec.memory(), 1, soon());
        driver = real.driver();
        assertThat(driver.known()).contains(spec.id().brief());
        driver.ensureAbsent(spec.id().brief());
        assertThat(driver.known()).isEmpty();
        assertThat(real.domains.domains().names()).isEmpty();
    }

    @Test void whatAKernelOfItsOwnCannotMountIsRefused() throws Exception {
        var part = new MachineMount(new MachineMount.Folder(shared, "part", false, Optional.empty(), false, Optional.empty()),
                "/part", false);
        assertThatThrownBy(() -> driver.start(machine(List.of(part)), Progress.NONE, soon())).isInstanceOf(Problem.class)
                .hasMessageContaining("cannot mount only a part of a volume at /part");
        assertThatThrownBy(() -> FolderSharing.check(shared.resolve("virtiofsd"))).isInstanceOf(Problem.class)
                .hasMessageContaining("virtiofsd, which shares folders with virtual machines, is not on this host");
    }

    private static MachineMount folder(Path path, String target, boolean readOnly, boolean filled) {
        return new MachineMount(new MachineMount.Folder(path, "", false, Optional.empty(), filled, Optional.empty()),
                target, readOnly);
    }

    private static MachineSpec machine(List<MachineMount> mounts) throws IOException, InterruptedException {
        var plain = images.machine(Arch.X86_64, "sleep 1000");
        return new MachineSpec(plain.id(), plain.hostname(), plain.arch(), plain.cpus(), plain.memory(), plain.diskSize(),
                plain.root(), plain.mac(), plain.program(), plain.moment(), plain.limits(), plain.confinement(), mounts,
                plain.nics());
    }

    private static Deadline soon() {
        return Deadline.in(BOOT_MAX);
    }

    /// What a script says, complaints included.
    private static String exec(Machine machine, String script) throws IOException, InterruptedException {
        try (var process = machine.guest().exec(RealImages.program("exec 2>&1; " + script), soon())) {
            process.stdin().close();
            var text = new String(process.stdout().readAllBytes(), UTF_8);
            process.waitForExit();
            return text;
        }
    }
}
