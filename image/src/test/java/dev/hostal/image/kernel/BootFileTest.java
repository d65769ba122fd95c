package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.hostal.model.Arch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class BootFileTest {
    private static final int PVH = 18;
    private static final byte[] VMLINUX = SampleElf.kernel(PVH);

    @TempDir Path folder;

    @Test void takesTheElfFileOutOfABzImageHoweverItIsPacked() throws Exception {
        for (var packed : List.of(gzip(VMLINUX), sized(xz(VMLINUX)), sized(Zstd.compress(VMLINUX)), sized(lz4(VMLINUX)),
                VMLINUX)) {
            assertThat(written(Arch.X86_64, SampleElf.bzImage(packed))).isEqualTo(VMLINUX);
        }
    }

    @Test void keepsTheBzImageWhereTheElfFileCannotBeEntered() throws Exception {
        var withoutPvh = SampleElf.bzImage(gzip(SampleElf.kernel(17)));
        var unknownPacking = SampleElf.bzImage("LZO would be here".getBytes(StandardCharsets.US_ASCII));
        for (var kept : List.of(withoutPvh, unknownPacking, new byte[2000], new byte[3])) {
            assertThat(written(Arch.X86_64, kept)).isEqualTo(kept);
        }
        assertThat(written(Arch.I386, SampleElf.bzImage(gzip(VMLINUX)))).isEqualTo(SampleElf.bzImage(gzip(VMLINUX)));
    }

    @Test void unpacksKernelsThatQemuCannot() throws Exception {
        var image = "an uncompressed kernel".getBytes(StandardCharsets.US_ASCII);
        assertThat(written(Arch.AARCH64, gzip(image))).isEqualTo(image);
        assertThat(written(Arch.RISCV64, zboot(gzip(image)))).isEqualTo(image);
        assertThat(written(Arch.RISCV64, zboot(sized(Zstd.compress(image))))).isEqualTo(image);
        assertThat(written(Arch.AARCH64, image)).isEqualTo(image);
    }

    @Test void damagedFilesGiveTheDeclaredException() throws Exception {
        var random = new Random(7);
        for (var whole : List.of(SampleElf.bzImage(sized(xz(VMLINUX))), SampleElf.bzImage(sized(lz4(VMLINUX))),
                SampleElf.bzImage(sized(Zstd.compress(VMLINUX))), SampleElf.bzImage(VMLINUX))) {
            for (int i = 0; i < 500; i++) {
                var damaged = whole.clone();
                for (int n = 0; n < 4; n++) damaged[0x1f0 + random.nextInt(damaged.length - 0x1f0)] = (byte) random.nextInt();
                try {
                    written(Arch.X86_64, damaged);
                } catch (IOException declared) {
                    continue;
                }
            }
        }
        assertThatThrownBy(() -> written(Arch.AARCH64, zboot(new byte[40]))).isInstanceOf(IOException.class);
    }

    private byte[] written(Arch arch, byte[] file) throws IOException {
        var target = folder.resolve("target");
        BootFile.write(arch, Files.write(folder.resolve("file"), file), target);
        return Files.readAllBytes(target);
    }

    /// Followed by the size when unpacked, as the kernel's build does it.
    private static byte[] sized(byte[] packed) {
        return ByteBuffer.allocate(packed.length + 4).put(packed).putInt(0x01020304).array();
    }

    private static byte[] zboot(byte[] payload) {
        var file = ByteBuffer.allocate(64 + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put("MZ\0\0zimg".getBytes(StandardCharsets.US_ASCII)).putInt(64).putInt(payload.length);
        return file.position(64).put(payload).array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        return packed(bytes, GZIPOutputStream::new);
    }

    private static byte[] xz(byte[] bytes) throws IOException {
        return packed(bytes, out -> new XZOutputStream(out, new LZMA2Options(1)));
    }

    /// Two blocks of the legacy frame.
    private static byte[] lz4(byte[] bytes) throws IOException {
        int half = bytes.length / 2;
        var first = packed(Arrays.copyOf(bytes, half), BlockLZ4CompressorOutputStream::new);
        var second = packed(Arrays.copyOfRange(bytes, half, bytes.length), BlockLZ4CompressorOutputStream::new);
        return ByteBuffer.allocate(12 + first.length + second.length).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184C2102).putInt(first.length).put(first).putInt(second.length).put(second).array();
    }

    private interface Packing {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] packed(byte[] bytes, Packing packing) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var stream = packing.over(out)) {
            stream.write(bytes);
        }
        return out.toByteArray();
    }
}
