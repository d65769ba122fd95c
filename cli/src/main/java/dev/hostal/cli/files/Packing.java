package dev.hostal.cli.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/// Packs a file or a folder of this computer.
public final class Packing {
    private Packing() {}

    /// @param source what to pack
    /// @param name its name in the archive; empty: a folder's content without the folder
    /// @param followLink whether `source`, where it is a symbolic link, means what it points to
    public static void pack(Path source, String name, boolean followLink, OutputStream out) throws IOException {
        var top = followLink ? source.toRealPath() : source;
        var tar = new TarWriter(out);
        Files.walkFileTree(top, Set.of(), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
            @Override public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                    throws IOException {
                var path = within(top, folder, name);
                if (!path.isEmpty()) write(tar, folder, path, TarEntry.Type.FOLDER, attributes);
                return FileVisitResult.CONTINUE;
            }

            @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                var type = attributes.isSymbolicLink() ? TarEntry.Type.SYMBOLIC_LINK : TarEntry.Type.FILE;
                // Sockets, pipes and devices have no content to copy.
                if (!attributes.isOther()) write(tar, file, within(top, file, name), type, attributes);
                return FileVisitResult.CONTINUE;
            }
        });
        tar.close();
    }

    private static String within(Path top, Path file, String name) {
        var rest = top.relativize(file).toString();
        if (rest.isEmpty()) return name;
        return name.isEmpty() ? rest : name + "/" + rest;
    }

    private static void write(TarWriter tar, Path file, String path, TarEntry.Type type, BasicFileAttributes attributes)
            throws IOException {
        int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
        var link = type == TarEntry.Type.SYMBOLIC_LINK ? Files.readSymbolicLink(file).toString() : "";
        long size = type == TarEntry.Type.FILE ? attributes.size() : 0;
        var entry = new TarEntry(path, type, link, mode, size, attributes.lastModifiedTime().toMillis() / 1000);
        try (var content = size > 0 ? Files.newInputStream(file) : InputStream.nullInputStream()) {
            tar.write(entry, content);
        }
    }
}
