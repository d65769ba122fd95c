package dev.hostal.image.disk;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// GRUB in the two forms in which a PC's firmware starts it, made of the distribution's parts for this disk: what it needs to
/// read its configuration is within it. Source: GRUB 2.06, grub-mkimage(1), util/setup.c and include/grub/i386/pc/boot.h.
final class Grub {
    /// Packages with its parts.
    static final List<String> PACKAGES = List.of("grub-common", "grub-pc-bin", "grub-efi-amd64-bin");
    static final String PROGRAM = "grub-mkimage";
    /// Where its configuration lies, on the file system that it was started from.
    static final String FOLDER = "GRUB";

    private static final Path PARTS = Path.of("/usr/lib/grub");
    private static final String BIOS = "i386-pc";
    private static final String EFI = "x86_64-efi";
    private static final int SECTOR = 512;
    private static final int BOOT_CODE = 440;
    /// In the boot code: the sector of what it loads, and the jump that only floppies need.
    private static final int KERNEL_SECTOR = 0x5c;
    private static final int DRIVE_CHECK = 0x66;
    private static final byte NOP = (byte) 0x90;
    /// At the end of the first loaded sector: where the others are, how many, and where they go.
    private static final int BLOCK_LIST = SECTOR - 12;
    private static final short SEGMENT = 0x820;

    private final Processes processes;
    private final Path work;

    /// @param work a folder for files that nobody needs afterwards
    Grub(Processes processes, Path work) {
        this.processes = processes;
        this.work = work;
    }

    /// What a BIOS starts.
    ///
    /// @param bootCode of the disk's first sector
    /// @param core that this loads
    record Bios(byte[] bootCode, byte[] core) {}

    /// @param first sector of the disk at which the core will lie
    /// @param partition with the configuration
    /// @throws IOException the core is longer than `sectorsMax`
    Bios bios(long first, int sectorsMax, int partition, Deadline deadline) throws IOException, InterruptedException {
        var made = make(BIOS, "(,gpt%d)/%s".formatted(partition, FOLDER), List.of("biosdisk"), deadline);
        int sectors = Math.ceilDiv(made.length, SECTOR);
        if (sectors > sectorsMax) {
            throw new IOException("GRUB has %d sectors, and there is room for %d".formatted(sectors, sectorsMax));
        }
        var core = Arrays.copyOf(made, sectors * SECTOR);
        ByteBuffer.wrap(core).order(ByteOrder.LITTLE_ENDIAN).position(BLOCK_LIST).putLong(first + 1)
                .putShort((short) (sectors - 1))
                .putShort(SEGMENT);
        var code = Arrays.copyOf(Files.readAllBytes(PARTS.resolve(BIOS).resolve("boot.img")), BOOT_CODE);
        ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putLong(KERNEL_SECTOR, first).put(DRIVE_CHECK, NOP)
                .put(DRIVE_CHECK + 1, NOP);
        return new Bios(code, core);
    }

    /// What UEFI starts.
    byte[] efi(Deadline deadline) throws IOException, InterruptedException {
        return make(EFI, "/" + FOLDER, List.of(), deadline);
    }

    /// Boots at once, and can be stopped with the escape key.
    ///
    /// @param options of the kernel
    static byte[] configuration(String options) {
        return """
                set timeout=0
                set gfxpayload=text
                menuentry "Linux" {
                    linux /VMLINUZ %s
                    initrd /INITRD.IMG
                }
                """.formatted(options).getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] make(String format, String prefix, List<String> more, Deadline deadline)
            throws IOException, InterruptedException {
        var file = work.resolve("grub-" + format);
        var argv = new ArrayList<>(List.of(PROGRAM, "-O", format, "-d", PARTS.resolve(format).toString(), "-p", prefix,
                "-o", file.toString(), "part_gpt", "fat", "normal", "linux"));
        argv.addAll(more);
        processes.run(Command.of(argv), deadline).orThrow("making the boot loader");
        return Files.readAllBytes(file);
    }
}
