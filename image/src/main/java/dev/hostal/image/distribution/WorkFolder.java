package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Mounts;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/// A folder for files that nobody needs afterwards, from [WorkPlaces]. Removed by [#close].
public record WorkFolder(Path path) implements AutoCloseable {
    @Override public void close() throws IOException {
        ensureAbsent(path);
        WorkPlaces.release(path.getParent());
    }

    /// As [#ensureAbsent(Path)], also where a plain user's builder made files in the name of other users: only the
    /// user namespace in which these ids are the user's own may remove them. Source: subuid(5), unshare(1).
    static void ensureAbsent(Path tree, Processes processes, Deadline deadline)
            throws IOException, InterruptedException {
        try {
            ensureAbsent(tree);
        } catch (AccessDeniedException notOurs) {
            processes.run(List.of("unshare", "--map-root-user", "--map-auto", "rm", "-rf", "--one-file-system", "--",
                    tree.toString()), deadline).orThrow("removing " + tree);
        }
    }

    /// Removes the tree. What a builder may have mounted in it is unmounted first and never entered: it can be
    /// a folder of the host, even the one that this tree lies in.
    ///
    /// @throws IOException something is mounted there and may not be unmounted, then nothing was removed; or
    ///     a file could not be removed
    public static void ensureAbsent(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) return;
        if (!Files.isSymbolicLink(tree)) Mounts.ensureNoneBelow(tree.toRealPath());
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
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
}
