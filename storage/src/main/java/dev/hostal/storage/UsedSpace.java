package dev.hostal.storage;

import dev.hostal.base.Bytes;
import dev.hostal.linux.SparseFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;

/// Sums up what everything in a folder takes on the disk, files of several names counted once. Links are not followed.
final class UsedSpace extends SimpleFileVisitor<Path> {
    private final Set<Object> seen = new HashSet<>();
    private long bytes;

    private UsedSpace() {}

    static Bytes of(Path folder) throws IOException {
        var sum = new UsedSpace();
        try {
            Files.walkFileTree(folder, sum);
        } catch (NoSuchFileException _) {
            // Somebody else has removed it.
        }
        return new Bytes(sum.bytes);
    }

    @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        int links = (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        if (links == 1 || seen.add(attributes.fileKey())) bytes += allocated(file, attributes);
        return FileVisitResult.CONTINUE;
    }

    @Override public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
        if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
        throw e;
    }

    /// The JDK does not tell blocks: of a sparse disk its own length would be far too much.
    private static long allocated(Path file, BasicFileAttributes attributes) throws IOException {
        if (!attributes.isRegularFile()) return 0;
        return file.getFileName().toString().equals(FolderVolumes.DISK) ? SparseFile.dataBytes(file) : attributes.size();
    }
}
