package dev.hostal.image;

import dev.hostal.oci.layout.BlobWriter;
import java.io.FilterOutputStream;
import java.io.IOException;

/// A blob under a stream that closes what is under it: closing a blob would be giving it up.
final class KeptOpen extends FilterOutputStream {
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
