package dev.hostal.image.kernel;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.SingleXZInputStream;

/// The compressions that kernels and their modules come in, told apart by their first bytes.
/// Source: Linux, lib/decompress.c.
enum Compression {
    NONE, GZIP, XZ, ZSTD,
    /// The legacy frame of `lz4 -l`, which kernels use. Source: lz4_Frame_format.md, "Legacy frame".
    LZ4;

    /// How many bytes [#of] looks at.
    static final int MAGIC_LENGTH = 6;
    /// No kernel is larger when unpacked; what claims to be is damaged.
    private static final long UNPACKED_MAX = 512L << 20;
    private static final int XZ_MEMORY_KIB = 256 << 10;
    private static final int LZ4_MAGIC = 0x184C2102;
    /// The blocks of the legacy frame, unpacked; packed, they are hardly larger.
    private static final int LZ4_UNPACKED_MAX = 8 << 20;
    private static final int LZ4_BLOCK_MAX = 9 << 20;

    static Compression of(byte[] start) {
        if (starts(start, 0x1f, 0x8b, 0x08)) return GZIP;
        if (starts(start, 0xfd, '7', 'z', 'X', 'Z', 0)) return XZ;
        if (starts(start, 0x28, 0xb5, 0x2f, 0xfd)) return ZSTD;
        if (starts(start, 0x02, 0x21, 0x4c, 0x18)) return LZ4;
        return NONE;
    }

    /// @throws IOException the bytes are damaged, or more than any kernel has
    byte[] unpack(byte[] bytes) throws IOException {
        if (this == NONE) return bytes;
        var out = new ByteArrayOutputStream(bytes.length * 4);
        unpack(new ByteArrayInputStream(bytes), out);
        return out.toByteArray();
    }

    /// @param in ends where the packed data ends
    /// @throws IOException the bytes are damaged, or more than any kernel has
    void unpack(InputStream in, OutputStream out) throws IOException {
        switch (this) {
            case NONE -> copy(in, out);
            case GZIP -> copy(new GZIPInputStream(in), out);
            case XZ -> copy(new SingleXZInputStream(in, XZ_MEMORY_KIB), out);
            case ZSTD -> copy(new ZstdInputStreamNoFinalizer(in), out);
            case LZ4 -> lz4(in, out);
        }
    }

    private static void lz4(InputStream in, OutputStream out) throws IOException {
        var unpacked = new byte[LZ4_UNPACKED_MAX];
        long sum = 0;
        for (var head = in.readNBytes(Integer.BYTES); head.length == Integer.BYTES; head = in.readNBytes(Integer.BYTES)) {
            int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
            if (length == LZ4_MAGIC) continue;
            if (length <= 0 || length > LZ4_BLOCK_MAX) throw new IOException("damaged LZ4 block of %d bytes".formatted(length));
            var block = in.readNBytes(length);
            if (block.length < length) throw new IOException("the last LZ4 block is cut off");
            out.write(unpacked, 0, Lz4Block.unpack(block, unpacked));
            sum += length;
            if (sum > UNPACKED_MAX) throw tooLong();
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        try (in) {
            var buffer = new byte[1 << 16];
            long sum = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sum += n;
                if (sum > UNPACKED_MAX) throw tooLong();
                out.write(buffer, 0, n);
            }
        }
    }

    private static IOException tooLong() {
        return new IOException("unpacks to more than %d bytes".formatted(UNPACKED_MAX));
    }

    private static boolean starts(byte[] bytes, int... with) {
        if (bytes.length < with.length) return false;
        for (int i = 0; i < with.length; i++) {
            if ((bytes[i] & 0xff) != with[i]) return false;
        }
        return true;
    }
}
