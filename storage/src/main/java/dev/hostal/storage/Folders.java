package dev.hostal.storage;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;

/// Folders as wholes. Symbolic links are never followed.
final class Folders {
    private Folders() {}

    /// Afterwards the folder is there, and only its owner may look into it.
    static void ensurePrivate(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /// Makes a folder with that mode, whatever the mask of this process.
    static void create(Path folder, String mode) throws IOException {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    /// Afterwards there is no such file or folder, nor anything that was in it.
    static void ensureAbsent(Path folder) throws IOException {
        walk(folder, new SimpleFileVisitor<>() {
            @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                return orThrow(e);
            }

            @Override public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                if (e != null) throw e;
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /// What everything in it takes on the disk, files of several names counted once.
    static Bytes used(Path folder) throws IOException {
        var sum = new long[1];
        var seen = new HashSet<Object>();
        walk(folder, new SimpleFileVisitor<>() {
            @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                var key = attributes.fileKey();
                int links = (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
                if (links == 1 || seen.add(key)) sum[0] += allocated(file, attributes);
                return FileVisitResult.CONTINUE;
            }

            @Override public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                return orThrow(e);
            }
        });
        return new Bytes(sum[0]);
    }

    /// The JDK does not tell blocks: of a sparse disk its own length would be far too much.
    private static long allocated(Path file, BasicFileAttributes attributes) throws IOException {
        if (!attributes.isRegularFile()) return 0;
        return file.getFileName().toString().equals("disk.raw") ? dev.hostal.linux.SparseFile.dataBytes(file)
                : attributes.size();
    }

    private static FileVisitResult orThrow(IOException e) throws IOException {
        if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
        throw e;
    }

    private static void walk(Path folder, SimpleFileVisitor<Path> visitor) throws IOException {
        try {
            Files.walkFileTree(folder, visitor);
        } catch (NoSuchFileException _) {
            // Somebody else has removed it.
        }
    }
}
