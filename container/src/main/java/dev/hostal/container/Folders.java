package dev.hostal.container;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;

/// Folders as wholes. Symbolic links are never followed.
final class Folders {
    private Folders() {}

    /// Names of what is in a folder; none where there is no folder.
    static Set<String> names(Path folder) throws IOException {
        var names = new TreeSet<String>();
        try (var entries = Files.newDirectoryStream(folder)) {
            for (var entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException _) {
            // No folder, no names.
        }
        return names;
    }

    /// Afterwards the folder is there, and only its owner may look into it.
    static void ensurePrivate(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /// Bytes of the files in it, as far as they can be seen: it may be changed, or go away, meanwhile.
    static Bytes used(Path folder) {
        try (var files = Files.walk(folder)) {
            return new Bytes(files.mapToLong(Folders::size).sum());
        } catch (IOException | UncheckedIOException _) {
            return Bytes.ZERO;
        }
    }

    private static long size(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).size();
        } catch (IOException _) {
            return 0;
        }
    }

    /// Afterwards there is no such folder, nor anything that was in it.
    static void ensureAbsent(Path folder) throws IOException {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                        throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
                    throw e;
                }

                @Override public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                    if (e != null) throw e;
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException _) {
            // Somebody else has done the same.
        }
    }
}
