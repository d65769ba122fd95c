package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.image.distribution.PackageArchive;
import dev.hostal.image.distribution.RealHost;
import dev.hostal.image.distribution.WorkPlaces;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each architecture's kernel and initramfs in a bare QEMU: it comes up, every module of the list can be
/// loaded in its order, and the devices and file systems that a guest needs are there then. In the place of the
/// agent stands busybox.
@Tag("real")
class RealBootTest {
    private static final Duration BOOT_MAX = Duration.ofMinutes(4);
    private static final String CHECK = """
            mount -t proc proc /proc
            mount -t sysfs sys /sys
            mount -t devtmpfs dev /dev
            for module in $(cat /lib/hostal/modules); do insmod $module || echo "CHECK not loaded: $module"; done
            echo; echo "CHECK machine $(uname -m) $(uname -r)"
            echo "CHECK disk $(cat /sys/block/vda/serial)"
            echo "CHECK port $(cat /sys/class/virtio-ports/*/name)"
            echo "CHECK nic $(ls /sys/class/net | grep -v lo)"
            for fs in squashfs overlay ext4; do grep -qw $fs /proc/filesystems && echo "CHECK fs $fs"; done
            echo "CHECK up $(cut -d ' ' -f 1 /proc/uptime)"
            echo CHECK end
            poweroff -f
            """;

    private static final Processes PROCESSES = RealHost.processes();

    @TempDir Path home;

    @ParameterizedTest
    @EnumSource(Arch.class)
    void comesUpWithAllThatAGuestNeeds(Arch arch) throws Exception {
        var packages = new PackageArchive(Path.of("/"), home.resolve("packages"), PROCESSES, Clock.systemUTC());
        var busybox = busybox(packages, arch);
        var kernels = new DistributionKernels(home.resolve("kernels"), WorkPlaces.of(home), packages,
                PROCESSES, (_, _) -> busybox);
        var kernel = kernels.forArch(arch, Progress.NONE, Deadline.in(Duration.ofMinutes(3)));
        var initramfs = home.resolve("initramfs");
        Files.write(initramfs, Files.readAllBytes(kernel.initramfs()));
        Files.write(initramfs, overlay(Files.readAllBytes(busybox)), StandardOpenOption.APPEND);

        var started = System.nanoTime();
        var output = boot(arch, kernel.kernel(), initramfs);
        System.out.printf("%s: %.1f s%n", arch.word(), (System.nanoTime() - started) / 1e9);

        var checks = output.lines().map(String::strip).filter(line -> line.startsWith("CHECK ")).toList();
        System.out.println(checks);
        assertThat(checks).as(output)
                .contains("CHECK disk layer0", "CHECK port dev.hostal.agent", "CHECK fs squashfs",
                        "CHECK fs overlay", "CHECK fs ext4", "CHECK end")
                .noneMatch(line -> line.startsWith("CHECK not loaded"))
                .anyMatch(line -> line.startsWith("CHECK machine ") && line.endsWith(kernel.release()))
                .anyMatch(line -> line.matches("CHECK nic [a-z0-9]+"));
    }

    private String boot(Arch arch, Path kernel, Path initramfs) throws Exception {
        var disk = Files.write(home.resolve("disk"), new byte[1 << 20]);
        var console = home.resolve("console.log");
        var argv = new ArrayList<>(List.of("qemu-system-" + arch.qemu(), "-nodefaults", "-display", "none",
                "-no-reboot", "-accel", "tcg", "-m", "512", "-serial", "file:" + console,
                "-kernel", kernel.toString(), "-initrd", initramfs.toString()));
        argv.addAll(board(arch));
        var transport = switch (arch) {
            case ARMHF -> "device";
            case S390X -> "ccw";
            default -> "pci";
        };
        argv.addAll(List.of("-drive", "if=none,id=d,format=raw,file=" + disk,
                "-device", "virtio-blk-" + transport + ",drive=d,serial=layer0",
                "-netdev", "user,id=n", "-device", "virtio-net-" + transport + ",netdev=n",
                "-device", "virtio-rng-" + transport,
                "-device", "virtio-serial-" + transport,
                "-chardev", "null,id=c", "-device", "virtserialport,chardev=c,name=dev.hostal.agent"));
        var qemu = new ProcessBuilder(argv).redirectErrorStream(true)
                .redirectOutput(home.resolve("qemu.log").toFile()).start();
        try {
            qemu.waitFor(BOOT_MAX.toSeconds(), TimeUnit.SECONDS);
        } finally {
            qemu.destroyForcibly();
        }
        return Files.readString(console, StandardCharsets.ISO_8859_1) + Files.readString(home.resolve("qemu.log"));
    }

    private static List<String> board(Arch arch) {
        return switch (arch) {
            case X86_64 -> List.of("-M", "q35", "-append", "console=ttyS0 quiet mitigations=off panic=-1");
            case I386 -> List.of("-M", "pc", "-append", "console=ttyS0 quiet panic=-1");
            case AARCH64 -> List.of("-M", "virt", "-cpu", "cortex-a57", "-append", "console=ttyAMA0 quiet panic=-1");
            case ARMHF -> List.of("-M", "virt,highmem=off", "-cpu", "cortex-a15",
                    "-append", "console=ttyAMA0 quiet panic=-1");
            case RISCV64 -> List.of("-M", "virt", "-append", "console=ttyS0 quiet panic=-1");
            case PPC64LE -> List.of("-M", "pseries", "-cpu", "POWER9", "-append", "console=hvc0 quiet panic=-1");
            case S390X -> List.of("-M", "s390-ccw-virtio", "-cpu", "max", "-append", "console=ttysclp0 quiet panic=-1");
        };
    }

    private Path busybox(PackageArchive packages, Arch arch) throws Exception {
        var debs = Files.createDirectory(home.resolve("debs"));
        var root = Files.createDirectory(home.resolve("root"));
        var deadline = Deadline.in(Duration.ofMinutes(2));
        var fetched = packages.fetch(arch, List.of("busybox-static"), PackageArchive.ALONE, debs, Progress.NONE, deadline);
        packages.unpack(fetched.files().getFirst(), root, deadline);
        var program = root.resolve("bin/busybox");
        return Files.exists(program) ? program : root.resolve("usr/bin/busybox");
    }

    /// A second archive behind the first: the kernel unpacks both, one over the other.
    private static byte[] overlay(byte[] busybox) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var cpio = new CpioArchiveOutputStream(bytes, CpioConstants.FORMAT_NEW)) {
            put(cpio, "bin", CpioConstants.C_ISDIR | 0755, new byte[0]);
            put(cpio, "bin/busybox", CpioConstants.C_ISREG | 0755, busybox);
            for (var applet : List.of("sh", "mount", "insmod", "cat", "uname", "ls", "grep", "cut", "poweroff", "echo")) {
                put(cpio, "bin/" + applet, CpioConstants.C_ISLNK | 0777, "busybox".getBytes(StandardCharsets.UTF_8));
            }
            put(cpio, "etc/inittab", CpioConstants.C_ISREG | 0644,
                    "::sysinit:/bin/sh /check\n".getBytes(StandardCharsets.UTF_8));
            put(cpio, "check", CpioConstants.C_ISREG | 0644, CHECK.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void put(CpioArchiveOutputStream cpio, String name, int mode, byte[] content) throws IOException {
        var entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name);
        entry.setMode(mode);
        entry.setInode(name.hashCode() & 0xffffffL);
        entry.setSize(content.length);
        cpio.putArchiveEntry(entry);
        cpio.write(content);
        cpio.closeArchiveEntry();
    }
}
