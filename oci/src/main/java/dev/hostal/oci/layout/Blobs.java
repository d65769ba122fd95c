package dev.hostal.oci.layout;

import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// The blobs of an image layout, each in a file named by its digest. May be used by any thread; the same blob
/// written twice at once is written twice and kept once.
public final class Blobs {
    private static final AtomicLong TEMPORARY = new AtomicLong();

    private final Path folder;
    private final Path temporary;

    Blobs(Path folder, Path temporary) {
        this.folder = folder;
        this.temporary = temporary;
    }

    /// Where the blob is or would be.
    public Path path(Digest digest) {
        return folder.resolve(digest.hex());
    }

    /// Whether it is here, whole. The length is compared as well: a file system that lost its end is noticed.
    public boolean has(Descriptor blob) throws IOException {
        var path = path(blob.digest());
        return Files.exists(path) && Files.size(path) == blob.size();
    }

    public InputStream open(Digest digest) throws IOException {
        return Files.newInputStream(path(digest));
    }

    /// A document, verified.
    ///
    /// @throws WrongContentException what is in the file is not what its name says
    public byte[] read(Digest digest) throws IOException {
        var content = Files.readAllBytes(path(digest));
        if (!Digest.of(content).equals(digest)) {
            throw new WrongContentException("the file of blob %s holds something else".formatted(digest));
        }
        return content;
    }

    /// Starts a blob.
    public BlobWriter create() throws IOException {
        return new BlobWriter(this, newTemporary("blob"));
    }

    /// Keeps a document.
    public Descriptor write(String mediaType, byte[] content) throws IOException {
        var blob = Descriptor.of(mediaType, content);
        if (!has(blob)) {
            DurableFiles.write(path(blob.digest()), content, newTemporary("blob"));
        }
        return blob;
    }

    /// A path in `tmp` that nobody else uses.
    public Path newTemporary(String prefix) {
        return temporary.resolve(prefix + "-" + TEMPORARY.incrementAndGet());
    }

    public List<Digest> list() throws IOException {
        var digests = new ArrayList<Digest>();
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                var name = file.getFileName().toString();
                if (name.matches("[0-9a-f]{64}")) digests.add(new Digest("sha256:" + name));
            }
        }
        return digests;
    }

    /// @return how many bytes that freed
    public long ensureAbsent(Digest digest) throws IOException {
        var path = path(digest);
        long size = Files.exists(path) ? Files.size(path) : 0;
        Files.deleteIfExists(path);
        return size;
    }
}
