package dev.hostal.image.distribution;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/// A folder for files that nobody needs afterwards; in memory where that has room, because thousands of
/// small files are written there. Removed by [#close].
public record WorkFolder(Path path) implements AutoCloseable {
    private static final String PREFIX = "hostal-work-";

    /// @param places in the order of preference; the first with enough room that can be written to is taken,
    ///     the last one in any case
    public static WorkFolder create(List<Path> places, Bytes room) throws IOException {
        for (var place : places.subList(0, places.size() - 1)) {
            if (Files.isWritable(place) && Files.getFileStore(place).getUsableSpace() >= room.count()) {
                return new WorkFolder(Files.createTempDirectory(place, PREFIX));
            }
        }
        Files.createDirectories(places.getLast());
        return new WorkFolder(Files.createTempDirectory(places.getLast(), PREFIX));
    }

    @Override public void close() throws IOException {
        ensureAbsent(path);
    }

    /// Removes the tree. Never enters what is mounted in it: a builder that was killed may have left a `/proc`
    /// or `/dev` of the host there.
    public static void ensureAbsent(Path tree) throws IOException {
        if (!Files.exists(tree, java.nio.file.LinkOption.NOFOLLOW_LINKS)) return;
        var device = device(tree);
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes)
                    throws IOException {
                if (!device.equals(device(dir))) throw new IOException(dir + " is a mount point and was not removed");
                return FileVisitResult.CONTINUE;
            }

            @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
                throw e;
            }

            @Override public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                if (e != null) throw e;
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev", java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }
}
