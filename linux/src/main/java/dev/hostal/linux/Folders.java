package dev.hostal.linux;

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

/// Folders as wholes. Symbolic links are never followed, and what vanishes meanwhile is no failure.
public final class Folders {
    private Folders() {}

    /// Names of what is in a folder; none where there is no folder.
    public static Set<String> names(Path folder) throws IOException {
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
    public static void ensurePrivate(Path folder) throws IOException {
        ensure(folder, "rwx------");
    }

    /// Afterwards the folder is there and has these permissions, whatever the mask of this process.
    ///
    /// @param permissions such as `rwxr-xr-x`
    public static void ensure(Path folder, String permissions) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }

    /// Bytes of the files in it, as far as they can be seen.
    public static Bytes used(Path folder) {
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

    /// Afterwards there is no such file or folder, nor anything that was in it.
    public static void ensureAbsent(Path folder) throws IOException {
        remove(folder, new Removal());
    }

    /// As [#ensureAbsent], where something may be mounted in the folder: it is unmounted first and never entered, for it
    /// can be a folder of the host, even the one that this folder lies in.
    ///
    /// @throws IOException something is mounted there and may not be unmounted, then nothing was removed; or
    ///     a file could not be removed
    public static void ensureAbsentWithMounts(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) return;
        if (!Files.isSymbolicLink(folder)) Mounts.ensureNoneBelow(folder.toRealPath());
        var device = device(folder);
        remove(folder, new Removal() {
            @Override public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) throws IOException {
                if (!device.equals(device(each))) throw new IOException(each + " is still mounted");
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Object device(Path each) throws IOException {
        return Files.getAttribute(each, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }

    private static void remove(Path folder, Removal removal) throws IOException {
        try {
            Files.walkFileTree(folder, removal);
        } catch (NoSuchFileException _) {
            // Somebody else has done the same.
        }
    }

    private static class Removal extends SimpleFileVisitor<Path> {
        @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
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
    }
}
