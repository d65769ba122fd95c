package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerLimits;
import dev.hostal.oci.layer.LayerNames;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarReader;
import dev.hostal.oci.layout.Blobs;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The files of an archive of images, each kept as a blob while the archive is read once from its beginning to its
/// end: what a file is for stands often in the last one. Names are names only; nothing is written under them.
final class ArchiveFiles {
    /// Chosen: an image has at most 128 layers of three files each in docker's oldest form.
    static final int ENTRIES_MAX = 20_000;
    private static final int LINKS_MAX = 8;
    private static final int HEAD = 512;
    private static final int BUFFER = 64 << 10;
    private static final String BLOBS = "blobs/sha256/";
    /// Chosen: what may follow the end mark; tar fills up its last record of 10 KiB, other programs more.
    private static final int TAIL_MAX = 16 << 20;

    private final Blobs blobs;
    private final LayerIntake intake;
    private final Deadline deadline;
    private final Map<String, Descriptor> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    private ArchiveFiles(Blobs blobs, LayerIntake intake, Deadline deadline) {
        this.blobs = blobs;
        this.intake = intake;
        this.deadline = deadline;
    }

    /// @throws BadLayerException the archive is damaged or hostile
    static ArchiveFiles read(InputStream stream, Blobs blobs, LayerIntake intake, LayerLimits limits, Deadline deadline)
            throws IOException, InterruptedException {
        var archive = new ArchiveFiles(blobs, intake, deadline);
        var tar = LayerTar.ofStream(stream, limits);
        var reader = new TarReader(new Deadlined(tar, deadline));
        int entries = 0;
        long total = 0;
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            if (++entries > ENTRIES_MAX) throw new BadLayerException("the archive holds over %d files".formatted(ENTRIES_MAX));
            total += entry.get().size();
            if (entry.get().size() > limits.content().count() || total > 4 * limits.content().count()) {
                throw new BadLayerException("the archive says that it holds %d bytes and more".formatted(total));
            }
            archive.take(entry.get(), reader);
        }
        drain(tar);
        return archive;
    }

    /// The file of that name, through links within the archive.
    Optional<Descriptor> find(String name) {
        var at = name;
        for (int hops = 0; hops < LINKS_MAX && links.containsKey(at); hops++) {
            at = links.get(at);
        }
        return Optional.ofNullable(files.get(at));
    }

    /// @throws BadLayerException there is no such file
    Descriptor get(String name) throws BadLayerException {
        return find(name).orElseThrow(() -> new BadLayerException("the archive has no file '%s'".formatted(
                name.replaceAll("[^ -~]", "?"))));
    }

    /// A document.
    ///
    /// @throws BadLayerException it is not there, or too long to be one
    byte[] document(String name, int bytesMax) throws IOException {
        var file = get(name);
        if (file.size() > bytesMax) throw new BadLayerException("'%s' in the archive is no document: it has %d bytes"
                .formatted(name, file.size()));
        return blobs.read(file.digest());
    }

    /// A blob of an OCI layout.
    Optional<Descriptor> blob(Digest digest) {
        return find(BLOBS + digest.hex());
    }

    private void take(TarEntry entry, TarReader reader) throws IOException, InterruptedException {
        var name = LayerNames.normal(entry.name());
        switch (entry.type()) {
            case FILE -> {
                requireRoom(entry.size());
                files.put(name, name.startsWith(BLOBS) ? whole(name, reader) : taken(reader));
            }
            case HARD_LINK -> links.put(name, LayerNames.normal(entry.linkName()));
            case SYMBOLIC_LINK -> links.put(name, target(name, entry.linkName()));
            case DIRECTORY -> {
                // Its files have its name in theirs.
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                    throw new BadLayerException("the archive holds a device, which no archive of images does");
        }
    }

    /// A blob keeps its bytes, whose digest is its name.
    private Descriptor whole(String name, TarReader reader) throws IOException {
        try (var blob = blobs.create()) {
            reader.copyContent(blob);
            var kept = blob.commit("application/octet-stream");
            if (!kept.digest().hex().equals(name.substring(BLOBS.length()))) {
                throw new BadLayerException("the archive's blob %s holds something else".formatted(
                        name.substring(BLOBS.length(), Math.min(name.length(), BLOBS.length() + 12))));
            }
            return kept;
        }
    }

    /// A tar within the archive is taken for a layer; anything else is kept as it is.
    private Descriptor taken(TarReader reader) throws IOException, InterruptedException {
        var content = reader.content();
        if (content.isPresent()) {
            var in = new BufferedInputStream(content.get(), BUFFER);
            in.mark(HEAD);
            var head = in.readNBytes(HEAD);
            in.reset();
            if (TarReader.begins(head)) return intake.take(in, deadline).blob();
            return kept(in::transferTo);
        }
        return kept(reader::copyContent);
    }

    private interface Content {
        void to(OutputStream out) throws IOException;
    }

    private Descriptor kept(Content content) throws IOException {
        try (var blob = blobs.create()) {
            content.to(blob);
            return blob.commit("application/octet-stream");
        }
    }

    /// Where a relative link leads. Source: `docker save` links a layer that it has written before.
    private static String target(String name, String link) throws BadLayerException {
        var folder = Path.of("/" + name).getParent();
        var target = folder.resolve(link).normalize();
        if (link.startsWith("/") || link.indexOf('\0') >= 0 || target.getNameCount() == 0) {
            throw new BadLayerException("a link in the archive leads out of it");
        }
        long up = Path.of(link).normalize().toString().split("\\.\\./", -1).length - 1;
        if (up > folder.getNameCount()) throw new BadLayerException("a link in the archive leads out of it");
        return target.toString().substring(1);
    }

    /// Said before the disk is full, not after.
    private void requireRoom(long size) throws IOException {
        var place = blobs.newTemporary("room");
        if (Files.getFileStore(place.getParent()).getUsableSpace() < size) {
            throw new FileSystemException(place.toString(), null, Failures.FULL);
        }
    }

    private static void drain(InputStream stream) throws IOException {
        var buffer = new byte[64 << 10];
        long left = TAIL_MAX;
        for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
            left -= count;
            if (left < 0) throw new BadLayerException("there are over %d bytes after the end of the archive".formatted(TAIL_MAX));
        }
    }

    /// Asks for more only as long as there is time.
    private static final class Deadlined extends FilterInputStream {
        private final Deadline deadline;

        Deadlined(InputStream in, Deadline deadline) {
            super(in);
            this.deadline = deadline;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, "The archive did not come in time.");
            return in.read(bytes, offset, length);
        }
    }
}
