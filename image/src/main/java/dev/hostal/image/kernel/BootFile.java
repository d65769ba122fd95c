package dev.hostal.image.kernel;

import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What of a kernel is given to QEMU so that it boots fastest: whatever need not be unpacked in the guest,
/// where every instruction is emulated.
final class BootFile {
    /// Offsets in the header of a bzImage. Source: Linux, Documentation/arch/x86/boot.rst.
    private static final int SETUP_SECTS = 0x1f1;
    private static final int MAGIC = 0x202;
    private static final int VERSION = 0x206;
    private static final int PAYLOAD_OFFSET = 0x248;
    private static final int PAYLOAD_LENGTH = 0x24c;
    private static final int VERSION_WITH_PAYLOAD = 0x0208;
    /// The entry point of PVH. Source: Xen, elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY.
    private static final int PHYS32_ENTRY = 18;
    /// Header of an EFI program that unpacks a kernel. Source: Linux, drivers/firmware/efi/libstub/zboot-header.S.
    private static final byte[] ZBOOT = "MZ\0\0zimg".getBytes(StandardCharsets.US_ASCII);

    private BootFile() {}

    /// @param file as the distribution installs it in `/boot`
    /// @return the same bytes where nothing better lies in them
    static byte[] fastest(Arch arch, byte[] file) throws IOException {
        return switch (arch) {
            case X86_64 -> vmlinux(file).orElse(file);
            case AARCH64, RISCV64 -> unpacked(file);
            // QEMU has no loader for a bare 32-bit x86 kernel without PVH; the others boot as they are.
            case I386, ARMHF, PPC64LE, S390X -> file;
        };
    }

    /// The ELF file within a bzImage, where it can be entered without real mode (PVH).
    static Optional<byte[]> vmlinux(byte[] bzImage) throws IOException {
        var header = ByteBuffer.wrap(bzImage).order(ByteOrder.LITTLE_ENDIAN);
        if (bzImage.length < 0x400 || header.getInt(MAGIC) != 0x53726448) return Optional.empty();
        if (Short.toUnsignedInt(header.getShort(VERSION)) < VERSION_WITH_PAYLOAD) return Optional.empty();
        int sectors = header.get(SETUP_SECTS) == 0 ? 4 : Byte.toUnsignedInt(header.get(SETUP_SECTS));
        long start = (sectors + 1) * 512L + Integer.toUnsignedLong(header.getInt(PAYLOAD_OFFSET));
        long length = Integer.toUnsignedLong(header.getInt(PAYLOAD_LENGTH));
        if (start + length > bzImage.length) throw new IOException("the payload of the bzImage ends behind its file");
        var payload = new byte[(int) length];
        header.get((int) start, payload);
        var compression = Compression.of(payload);
        if (compression == Compression.NONE && !Elf.is(payload)) return Optional.empty();
        var vmlinux = compression.unpack(payload);
        return Elf.is(vmlinux) && isPvh(vmlinux) ? Optional.of(vmlinux) : Optional.empty();
    }

    private static boolean isPvh(byte[] vmlinux) throws IOException {
        return Elf.of(vmlinux).notes().stream()
                .anyMatch(note -> note.type() == PHYS32_ENTRY && note.name().equals("Xen"));
    }

    private static byte[] unpacked(byte[] file) throws IOException {
        if (isZboot(file)) {
            var header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            var payload = new byte[header.getInt(12)];
            header.get(header.getInt(8), payload);
            var compression = Compression.of(payload);
            if (compression == Compression.NONE) throw new IOException("the kernel is packed in an unknown way");
            return compression.unpack(payload);
        }
        return Compression.of(file).unpack(file);
    }

    private static boolean isZboot(byte[] file) {
        return file.length > 64 && java.util.Arrays.equals(file, 0, ZBOOT.length, ZBOOT, 0, ZBOOT.length);
    }
}
