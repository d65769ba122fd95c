package dev.hostal.image.disk;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// Makes disks of images: a raw file with holes first, then qcow2 of it, compressed.
public final class DiskMaker {
    /// Of all that is made here: another number makes former disks unknown.
    public static final String VERSION = "1";
    /// Chosen: what a file system with a journal and a few files takes, and what comes before it.
    public static final Bytes SIZE_MIN = Bytes.mib(96);
    /// Source: ext4 with blocks of 4 KiB has 16 TiB where its 64-bit numbers are of no use to a guest.
    public static final Bytes SIZE_MAX = Bytes.gib(16 << 10);

    private static final List<String> PROGRAMS = List.of(Grub.PROGRAM, "mke2fs", "qemu-img");
    /// Source: GRUB, "BIOS installation"; UEFI specification; systemd, Discoverable Partitions Specification.
    private static final UUID BIOS_BOOT = UUID.fromString("21686148-6449-6e6f-744e-656564454649");
    private static final UUID SYSTEM = UUID.fromString("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    private static final UUID ROOT_X86_64 = UUID.fromString("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
    private static final int MIB_SECTORS = (1 << 20) / Gpt.SECTOR;
    private static final long BIOS_FIRST = MIB_SECTORS;
    private static final long FAT_FIRST = 2 * MIB_SECTORS;
    private static final long FAT_SECTORS = FatVolume.BYTES / Gpt.SECTOR;
    private static final long ROOT_FIRST = FAT_FIRST + FAT_SECTORS;
    private static final int FAT_PARTITION = 2;
    /// The serial console is the last one, where programs read and write. An emulator that is not given its processor fails
    /// the kernel's test of the timer, which panics.
    private static final String OPTIONS = "root=UUID=%s rw console=tty0 console=ttyS0,115200 quiet panic=10 no_timer_check";

    private final Processes processes;
    private final Packages packages;

    public DiskMaker(Processes processes, Packages packages) {
        this.processes = processes;
        this.packages = packages;
    }

    /// What a disk is made of.
    ///
    /// @param layers squashfs files, lowest first
    /// @param seed that all its numbers are made of: the same for the same disk
    /// @param made the time of all that is not of the image
    public record Wanted(Bytes size, List<Path> layers, String seed, Instant made) {
        public Wanted {
            layers = List.copyOf(layers);
        }

        private UUID id(String what) {
            return UUID.nameUUIDFromBytes((seed + " " + what).getBytes(StandardCharsets.UTF_8));
        }
    }

    /// What the disk runs where nobody speaks to its agent; see [DiskProgram].
    public record Program(boolean boots, List<String> argv, List<String> env, String user, String workdir) {
        private static final String HOSTNAME = "vm";

        DiskProgram known() {
            return new DiskProgram(boots, HOSTNAME, argv, env, user, workdir.isEmpty() ? "/" : workdir);
        }
    }

    /// @throws Problem BAD_REQUEST the size makes no sense; UNSUPPORTED no boot loader for that architecture
    public static void check(Arch arch, Bytes size) {
        if (arch != Arch.X86_64) throw new Problem(ErrorCode.UNSUPPORTED,
                "Disks that boot are made for x86_64 only, not for %s.".formatted(arch.word()));
        if (size.compareTo(SIZE_MIN) < 0 || size.compareTo(SIZE_MAX) > 0) throw new Problem(ErrorCode.BAD_REQUEST,
                "A disk has %s to %s, not %s.".formatted(SIZE_MIN, SIZE_MAX, size));
        if (size.count() % (1 << 20) != 0) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The size of a disk is whole MiB, not %s.".formatted(size));
        }
    }

    /// Afterwards the programs that this needs are here.
    ///
    /// @throws Problem ENGINE_MISSING
    public void ensurePrograms(Progress progress, Deadline deadline) throws IOException, InterruptedException {
        packages.ensurePrograms(PROGRAMS, progress::report, deadline);
        packages.ensure(Grub.PACKAGES, progress::report, deadline);
    }

    /// @param agent of this host
    /// @param work a folder for files that nobody needs afterwards; the disk is in it
    /// @throws Problem BUILD_FAILED the files do not fit
    public Path make(Wanted wanted, Program program, GuestKernel kernel, Path agent, Path work, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        var raw = work.resolve("disk.raw");
        try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(wanted.size().count());
        }
        var root = new RootFileSystem(wanted.id("root file system"), wanted.id("names"), wanted.made());
        long sectors = wanted.size().count() / Gpt.SECTOR;
        long rootSectors = (sectors - Gpt.SECTORS_AT_END - ROOT_FIRST) / MIB_SECTORS * MIB_SECTORS;
        progress.report("writing the root file system");
        root.write(processes, agent, wanted.layers(), raw, ROOT_FIRST * Gpt.SECTOR, new Bytes(rootSectors * Gpt.SECTOR),
                work, deadline);
        progress.report("writing the boot loader and kernel " + kernel.release());
        var table = new Gpt(wanted.id("table"), sectors, List.of(
                new Gpt.Partition(BIOS_BOOT, wanted.id("bios"), BIOS_FIRST, FAT_FIRST - BIOS_FIRST, "bios"),
                new Gpt.Partition(SYSTEM, wanted.id("boot"), FAT_FIRST, FAT_SECTORS, "boot"),
                new Gpt.Partition(ROOT_X86_64, wanted.id("root"), ROOT_FIRST, rootSectors, "root")));
        try (var disk = FileChannel.open(raw, StandardOpenOption.WRITE)) {
            var grub = new Grub(processes, work);
            var bios = grub.bios(BIOS_FIRST, (int) (FAT_FIRST - BIOS_FIRST), FAT_PARTITION, deadline);
            Gpt.put(disk, BIOS_FIRST, ByteBuffer.wrap(bios.core()));
            volume(wanted, program, kernel, root, grub.efi(deadline)).write(disk, FAT_FIRST);
            table.write(disk, bios.bootCode());
        }
        progress.report("compressing the disk");
        var made = work.resolve("disk.qcow2");
        processes.run(Command.of("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw.toString(),
                made.toString()), deadline)
                .orThrow("compressing the disk");
        Files.delete(raw);
        return made;
    }

    private static FatVolume volume(Wanted wanted, Program program, GuestKernel kernel, RootFileSystem root, byte[] efi)
            throws IOException {
        var volume = new FatVolume((int) wanted.id("boot volume").getLeastSignificantBits(), wanted.made());
        volume.put("EFI/BOOT/BOOTX64.EFI", efi);
        volume.put(Grub.FOLDER + "/GRUB.CFG", Grub.configuration(OPTIONS.formatted(root.id())));
        volume.put("VMLINUZ", Files.readAllBytes(kernel.kernel()));
        volume.put("INITRD.IMG", OwnInitramfs.of(kernel.initramfs(), root.id(), program.known()));
        return volume;
    }
}
