package dev.hostal.image.kernel;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorInputStream;
import org.tukaani.xz.SingleXZInputStream;

/// The compressions that kernels and their modules come in, told apart by their first bytes.
/// Source: Linux, lib/decompress.c.
enum Compression {
    NONE, GZIP, XZ, ZSTD,
    /// The legacy frame of `lz4 -l`, which kernels use. Source: lz4_Frame_format.md, "Legacy frame".
    LZ4;

    /// No kernel is larger when unpacked; what claims to be is damaged.
    private static final int UNPACKED_MAX = 512 << 20;
    private static final int LZ4_BLOCK_MAX = 8 << 20;
    private static final int LZ4_MAGIC = 0x184C2102;

    static Compression of(byte[] bytes) {
        if (starts(bytes, 0x1f, 0x8b, 0x08)) return GZIP;
        if (starts(bytes, 0xfd, '7', 'z', 'X', 'Z', 0)) return XZ;
        if (starts(bytes, 0x28, 0xb5, 0x2f, 0xfd)) return ZSTD;
        if (starts(bytes, 0x02, 0x21, 0x4c, 0x18)) return LZ4;
        return NONE;
    }

    /// Unpacks to the end of the stream of data; what follows it in the bytes is left alone.
    ///
    /// @throws IOException the bytes are damaged, or more than any kernel has
    byte[] unpack(byte[] bytes) throws IOException {
        var in = new ByteArrayInputStream(bytes);
        return switch (this) {
            case NONE -> bytes;
            case GZIP -> all(new GZIPInputStream(in));
            case XZ -> all(new SingleXZInputStream(in));
            case ZSTD -> all(new ZstdInputStreamNoFinalizer(in).setContinuous(false));
            case LZ4 -> lz4(bytes);
        };
    }

    private static byte[] lz4(byte[] bytes) throws IOException {
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var out = new ByteArrayOutputStream(bytes.length * 4);
        while (in.remaining() >= Integer.BYTES) {
            int length = in.getInt();
            if (length == LZ4_MAGIC) continue;
            // A kernel has the size of the unpacked whole behind the last block: it is no length of a block.
            if (length <= 0 || length > in.remaining()) break;
            var block = new byte[length];
            in.get(block);
            try (var blocks = new BlockLZ4CompressorInputStream(new ByteArrayInputStream(block))) {
                copy(blocks, out, LZ4_BLOCK_MAX);
            }
        }
        return out.toByteArray();
    }

    private static byte[] all(InputStream in) throws IOException {
        try (in) {
            var out = new ByteArrayOutputStream();
            copy(in, out, UNPACKED_MAX);
            return out.toByteArray();
        }
    }

    private static void copy(InputStream in, ByteArrayOutputStream out, int max) throws IOException {
        var buffer = new byte[1 << 16];
        int sum = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            sum += n;
            if (sum > max) throw new IOException("unpacks to more than %d bytes".formatted(max));
            out.write(buffer, 0, n);
        }
    }

    private static boolean starts(byte[] bytes, int... with) {
        if (bytes.length < with.length) return false;
        for (int i = 0; i < with.length; i++) {
            if ((bytes[i] & 0xff) != with[i]) return false;
        }
        return true;
    }
}
