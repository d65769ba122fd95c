package dev.hostal.image.kernel;

import dev.hostal.model.Arch;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

/// What of a kernel is given to QEMU so that it boots fastest: whatever need not be unpacked in the guest,
/// where every instruction may be emulated. From file to file, since a kernel is tens of MiB.
final class BootFile {
    /// Offsets in the header of a bzImage. Source: Linux, Documentation/arch/x86/boot.rst.
    private static final int SETUP_SECTS = 0x1f1;
    private static final int MAGIC = 0x202;
    private static final int HEADER_SIGNATURE = 0x53726448;
    private static final int VERSION = 0x206;
    private static final int PAYLOAD_OFFSET = 0x248;
    private static final int PAYLOAD_LENGTH = 0x24c;
    private static final int HEADER_LENGTH = 0x400;
    private static final int VERSION_WITH_PAYLOAD = 0x0208;
    /// The entry point of PVH. Source: Xen, elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY.
    private static final int PHYS32_ENTRY = 18;
    /// Header of an EFI program that unpacks a kernel. Source: Linux, drivers/firmware/efi/libstub/zboot-header.S.
    private static final byte[] ZBOOT = "MZ\0\0zimg".getBytes(StandardCharsets.US_ASCII);

    /// Where packed data lies in a file.
    private record Payload(Compression compression, long offset, long length) {}

    private BootFile() {}

    /// @param file as the distribution installs it
    /// @param target gets the same bytes where nothing better lies in them
    static void write(Arch arch, Path file, Path target) throws IOException {
        boolean written = switch (arch) {
            case X86_64 -> vmlinux(file, target);
            case AARCH64, RISCV64 -> unpacked(file, target);
            // QEMU has no loader for a bare 32-bit x86 kernel without PVH; the others boot as they are.
            case I386, ARMHF, PPC64LE, S390X -> false;
        };
        if (!written) Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
    }

    /// The ELF file within a bzImage.
    ///
    /// @return false where there is none that can be entered without real mode (PVH)
    private static boolean vmlinux(Path bzImage, Path target) throws IOException {
        var header = header(bzImage);
        if (header.limit() < HEADER_LENGTH || header.getInt(MAGIC) != HEADER_SIGNATURE) return false;
        if (Short.toUnsignedInt(header.getShort(VERSION)) < VERSION_WITH_PAYLOAD) return false;
        int sectors = header.get(SETUP_SECTS) == 0 ? 4 : Byte.toUnsignedInt(header.get(SETUP_SECTS));
        long start = (sectors + 1) * 512L + Integer.toUnsignedLong(header.getInt(PAYLOAD_OFFSET));
        var payload = payload(bzImage, start, Integer.toUnsignedLong(header.getInt(PAYLOAD_LENGTH)));
        unpack(bzImage, payload, target);
        return isPvh(target);
    }

    private static boolean isPvh(Path file) throws IOException {
        try (var channel = FileChannel.open(file)) {
            var bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            if (!Elf.is(bytes)) return false;
            return Elf.of(bytes).notes().stream()
                    .anyMatch(note -> note.type() == PHYS32_ENTRY && note.name().equals("Xen"));
        }
    }

    private static boolean unpacked(Path file, Path target) throws IOException {
        var header = header(file);
        boolean zboot = header.limit() > 64 && Arrays.equals(header.array(), 0, ZBOOT.length, ZBOOT, 0, ZBOOT.length);
        if (zboot) {
            var payload = payload(file, Integer.toUnsignedLong(header.getInt(8)),
                    Integer.toUnsignedLong(header.getInt(12)));
            if (payload.compression() == Compression.NONE) throw new IOException("the kernel is packed in an unknown way");
            unpack(file, payload, target);
            return true;
        }
        var compression = Compression.of(header.array());
        if (compression == Compression.NONE) return false;
        unpack(file, new Payload(compression, 0, Files.size(file)), target);
        return true;
    }

    /// All but gzip, which has it anyway, are followed by the size when unpacked, in four bytes that belong
    /// to the payload. Source: Linux, scripts/Makefile.lib, "size_append".
    private static Payload payload(Path file, long offset, long length) throws IOException {
        if (offset + length > Files.size(file)) throw new IOException("the packed kernel ends behind its file");
        try (var in = new FileSlice(file, offset, Math.min(length, Compression.MAGIC_LENGTH))) {
            var compression = Compression.of(in.readNBytes(Compression.MAGIC_LENGTH));
            boolean hasSize = compression != Compression.NONE && compression != Compression.GZIP;
            return new Payload(compression, offset, hasSize ? length - Integer.BYTES : length);
        }
    }

    private static void unpack(Path file, Payload payload, Path target) throws IOException {
        try (var in = new FileSlice(file, payload.offset(), payload.length());
                var out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
            payload.compression().unpack(in, out);
        }
    }

    private static ByteBuffer header(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return ByteBuffer.wrap(in.readNBytes(HEADER_LENGTH)).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
