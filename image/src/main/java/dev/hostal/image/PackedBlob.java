package dev.hostal.image;

import dev.hostal.oci.Descriptor;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layout.BlobWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Keeps what was not compressed as gzip: a plain tar takes three times the room, here and in every registry that it
/// is pushed to. Documents and what is compressed already are kept as they are. See decision 43.
final class PackedBlob extends OutputStream {
    /// Chosen: less is not worth it.
    private static final long PACKED_FROM = 4 << 10;
    private static final int BUFFER = 64 << 10;

    private final BlobWriter blob;
    private final boolean large;
    private OutputStream sink;
    private boolean begun;
    private boolean packs;

    /// @param size of what will be written
    PackedBlob(BlobWriter blob, long size) {
        this.blob = blob;
        this.large = size >= PACKED_FROM;
        this.sink = blob;
    }

    @Override public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return;
        if (!begun) begin(bytes, offset, length);
        sink.write(bytes, offset, length);
    }

    private void begin(byte[] bytes, int offset, int length) throws IOException {
        begun = true;
        int first = bytes[offset] & 0xff;
        int second = length > 1 ? bytes[offset + 1] & 0xff : 0;
        boolean compressed = first == 0x1f && second == 0x8b || first == 0x28 && second == 0xb5;
        boolean json = first == '{' || first == '[';
        packs = large && !compressed && !json;
        if (packs) sink = new Fast(new KeptOpen(blob));
    }

    /// Keeps the blob; its media type says whether this compressed it.
    Descriptor commit() throws IOException {
        if (packs) sink.close();
        return blob.commit(packs ? MediaTypes.OCI_LAYER_GZIP : "application/octet-stream");
    }

    @Override public void close() throws IOException {
        blob.close();
    }

    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, BUFFER);
            // Chosen: a third of the time of the usual level, for a tenth more bytes.
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /// A blob whose closing would be giving it up.
    static final class KeptOpen extends FilterOutputStream {
        KeptOpen(BlobWriter blob) {
            super(blob);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override public void close() throws IOException {
            out.flush();
        }
    }
}
