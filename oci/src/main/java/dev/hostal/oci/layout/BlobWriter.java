package dev.hostal.oci.layout;

import static dev.hostal.base.Check.check;

import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/// A blob under way: a temporary file and the digest of what was written to it so far. Closing it without
/// [#commit] leaves nothing behind.
public final class BlobWriter extends OutputStream {
    private final Blobs blobs;
    private final Path temporary;
    private OutputStream file;
    private final MessageDigest sha256 = Digest.sha256();
    private long size;

    BlobWriter(Blobs blobs, Path temporary) throws IOException {
        this.blobs = blobs;
        this.temporary = temporary;
        this.file = Files.newOutputStream(temporary);
    }

    /// Bytes written so far: where an interrupted download goes on.
    public long size() {
        return size;
    }

    @Override public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override public void write(byte[] bytes, int offset, int length) throws IOException {
        file.write(bytes, offset, length);
        sha256.update(bytes, offset, length);
        size += length;
    }

    /// Keeps the blob under the digest of what was written.
    public Descriptor commit(String mediaType) throws IOException {
        file.close();
        var digest = Digest.of(sha256);
        DurableFiles.moveIntoPlace(temporary, blobs.path(digest));
        return Descriptor.of(mediaType, digest, size);
    }

    /// Keeps the blob if it is the one that was expected.
    ///
    /// @throws WrongContentException it is another; nothing is kept
    public void commit(Descriptor expected) throws IOException {
        check(size <= expected.size(), "what is too long is refused while it arrives");
        if (size < expected.size()) {
            throw new WrongContentException("blob %s has %d bytes instead of %d".formatted(
                    expected.digest(), size, expected.size()));
        }
        file.close();
        var digest = Digest.of(sha256);
        if (!digest.equals(expected.digest())) {
            throw new WrongContentException("blob %s has the digest %s".formatted(expected.digest(), digest));
        }
        DurableFiles.moveIntoPlace(temporary, blobs.path(digest));
    }

    /// Starts again from nothing, as when a server cannot go on where it stopped.
    public void restart() throws IOException {
        file.close();
        file = Files.newOutputStream(temporary);
        sha256.reset();
        size = 0;
    }

    @Override public void close() throws IOException {
        file.close();
        Files.deleteIfExists(temporary);
    }
}
