package dev.hostal.oci.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/// How a layer's tar is compressed. Told from its first bytes, as Docker does: media types are sometimes wrong.
public enum LayerCompression {
    NONE, GZIP, ZSTD;

    private static final int BUFFER = 64 << 10;

    /// The plain tar of a layer's blob.
    ///
    /// @throws IOException the stream fails, or its head is damaged
    public static InputStream open(InputStream blob) throws IOException {
        var in = new BufferedInputStream(blob, BUFFER);
        in.mark(4);
        var head = in.readNBytes(4);
        in.reset();
        return switch (of(head)) {
            case NONE -> in;
            case GZIP -> new GZIPInputStream(in, BUFFER);
            case ZSTD -> new ZstdInputStreamNoFinalizer(in);
        };
    }

    private static LayerCompression of(byte[] head) {
        if (startsWith(head, 0x1f, 0x8b)) return GZIP;
        if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) return ZSTD;
        return NONE;
    }

    private static boolean startsWith(byte[] head, int... magic) {
        if (head.length < magic.length) return false;
        for (int i = 0; i < magic.length; i++) {
            if ((head[i] & 0xff) != magic[i]) return false;
        }
        return true;
    }
}
