package dev.hostal.oci.layer;

import dev.hostal.oci.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.function.LongSupplier;

/// The plain tar of a layer while it is read: counted, digested, and refused when it grows out of proportion.
public final class LayerTar extends FilterInputStream {
    private final MessageDigest sha256 = Digest.sha256();
    private final LongSupplier lengthMax;
    private long length;

    private LayerTar(InputStream tar, LongSupplier lengthMax) {
        super(tar);
        this.lengthMax = lengthMax;
    }

    /// Of a blob of that size, compressed or not.
    public static LayerTar ofBlob(InputStream blob, long size, LayerLimits limits) throws IOException {
        long inProportion = size > Long.MAX_VALUE / limits.expansion()
                ? Long.MAX_VALUE : size * limits.expansion();
        long lengthMax = Math.max(limits.expansionFrom().count(), inProportion);
        return new LayerTar(LayerCompression.open(blob), () -> lengthMax);
    }

    /// Of a stream whose length nobody knows, compressed or not: what comes out is held against what came in so far.
    public static LayerTar ofStream(InputStream stream, LayerLimits limits) throws IOException {
        var counted = new Counted(stream);
        return new LayerTar(LayerCompression.open(counted), () -> {
            long came = counted.count;
            long inProportion = came > Long.MAX_VALUE / limits.expansion() ? Long.MAX_VALUE : came * limits.expansion();
            return Math.max(limits.expansionFrom().count(), inProportion);
        });
    }

    /// Of a tar that this host itself is making.
    public static LayerTar ofTar(InputStream tar) {
        return new LayerTar(tar, () -> Long.MAX_VALUE);
    }

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override public int read(byte[] bytes, int offset, int count) throws IOException {
        int read = in.read(bytes, offset, count);
        if (read < 0) return read;
        sha256.update(bytes, offset, read);
        length += read;
        if (length > lengthMax.getAsLong()) {
            throw new BadLayerException("the layer grows beyond %d bytes while it is decompressed, out of all proportion"
                    .formatted(lengthMax.getAsLong()));
        }
        return read;
    }

    @Override public long skip(long count) throws IOException {
        long left = count;
        var buffer = new byte[8 << 10];
        while (left > 0) {
            int read = read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) break;
            left -= read;
        }
        return count - left;
    }

    @Override public boolean markSupported() {
        return false;
    }

    /// Reads what follows the end mark of the archive, and gives the digest of all: the layer's diff id.
    public Digest finish() throws IOException {
        var buffer = new byte[64 << 10];
        while (read(buffer, 0, buffer.length) >= 0) {
            // Counted and digested by reading.
        }
        return Digest.of(sha256);
    }

    /// Bytes read so far.
    public long length() {
        return length;
    }

    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override public int read() throws IOException {
            int value = in.read();
            if (value >= 0) count++;
            return value;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            if (read > 0) count += read;
            return read;
        }
    }
}
