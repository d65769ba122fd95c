package dev.hostal.image;

import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/// Which contents belong to which repository, as its registry said: a small file for each, and one for each tag. What
/// one repository has is no business of those who ask for another.
/// ```
///   links/<registry>/<repository>/_digests/<hex>     what it is and how long
///   links/<registry>/<repository>/_tags/<tag>        what the tag named last
/// ```
final class CacheLinks {
    private static final String DIGESTS = "_digests";
    private static final String TAGS = "_tags";

    private final Path folder;
    private final Blobs blobs;

    CacheLinks(Path folder, Blobs blobs) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.blobs = blobs;
    }

    /// A repository of a registry. No part of a repository's name begins with `_`.
    record Repository(String registry, String name) {
        @Override public String toString() {
            return registry + "/" + name;
        }
    }

    Optional<Descriptor> find(Repository repository, Digest digest) throws IOException {
        return read(place(repository, DIGESTS, digest.hex()));
    }

    Optional<Descriptor> findTag(Repository repository, String tag) throws IOException {
        return read(place(repository, TAGS, tag));
    }

    void add(Repository repository, Descriptor content) throws IOException {
        var place = place(repository, DIGESTS, content.digest().hex());
        if (read(place).filter(known -> known.size() == content.size()).isEmpty()) write(place, content);
    }

    void addTag(Repository repository, String tag, Descriptor manifest) throws IOException {
        write(place(repository, TAGS, tag), manifest);
    }

    /// Removes links to what is not here: it was dropped to make room, or never came.
    void sweep() throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                var known = read(file);
                if (known.isEmpty() || !blobs.has(known.get())) Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private Path place(Repository repository, String kind, String name) {
        return folder.resolve(repository.registry()).resolve(repository.name()).resolve(kind).resolve(name);
    }

    private void write(Path place, Descriptor content) throws IOException {
        Files.createDirectories(place.getParent());
        var text = "%s %s %d".formatted(content.digest(), content.mediaType(), content.size());
        DurableFiles.write(place, text.getBytes(StandardCharsets.UTF_8), blobs.newTemporary("link"));
    }

    private static Optional<Descriptor> read(Path place) throws IOException {
        try {
            var words = Files.readString(place).split(" ");
            return Optional.of(Descriptor.of(words[1], new Digest(words[0]), Long.parseLong(words[2])));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException _) {
            return Optional.empty();       // Damaged: it is asked for again.
        }
    }
}
