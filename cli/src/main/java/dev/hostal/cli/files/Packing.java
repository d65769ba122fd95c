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
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Packs a file or a folder of this computer. Everything belongs to root, as `docker cp` has it, unless owners are asked
/// for: the users of this computer are not those of the guest. Files that are one file stay one.
public final class Packing extends SimpleFileVisitor<Path> {
    /// The bits of a mode that say what kind of file it is, and those of a pipe. Source: inode(7)
    private static final int KIND = 0170000;
    private static final int PIPE = 0010000;

    private final Path top;
    private final String name;
    private final boolean owners;
    private final TarWriter tar;
    /// Where the first name of a file with several went.
    private final Map<Object, String> linked = new HashMap<>();
    private int skipped;

    private Packing(Path top, String name, boolean owners, TarWriter tar) {
        this.top = top;
        this.name = name;
        this.owners = owners;
        this.tar = tar;
    }

    /// @param source what to pack
    /// @param name its name in the archive; empty: a folder's content without the folder
    /// @param followLink whether `source`, where it is a symbolic link, means what it points to
    public static void pack(Path source, String name, boolean followLink, OutputStream out) throws IOException {
        pack(source, name, followLink, false, out);
    }

    /// @param owners files keep their owners
    /// @return how many devices and sockets were left out
    public static int pack(Path source, String name, boolean followLink, boolean owners, OutputStream out) throws IOException {
        var top = followLink ? source.toRealPath() : source;
        var tar = new TarWriter(out);
        var packing = new Packing(top, name, owners, tar);
        Files.walkFileTree(top, Set.of(), Integer.MAX_VALUE, packing);
        tar.close();
        return packing.skipped;
    }

    @Override public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
        var path = within(folder);
        if (!path.isEmpty()) write(folder, path, TarEntry.Type.FOLDER, attributes);
        return FileVisitResult.CONTINUE;
    }

    @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        var type = attributes.isSymbolicLink() ? TarEntry.Type.SYMBOLIC_LINK : TarEntry.Type.FILE;
        if (attributes.isOther()) type = (number(file, "mode") & KIND) == PIPE ? TarEntry.Type.PIPE : TarEntry.Type.SPECIAL;
        if (type == TarEntry.Type.SPECIAL) skipped++;
        else write(file, within(file), type, attributes);
        return FileVisitResult.CONTINUE;
    }

    private String within(Path file) {
        var rest = top.relativize(file).toString();
        if (rest.isEmpty()) return name;
        return name.isEmpty() ? rest : name + "/" + rest;
    }

    private void write(Path file, String path, TarEntry.Type type, BasicFileAttributes attributes) throws IOException {
        var link = type == TarEntry.Type.SYMBOLIC_LINK ? Files.readSymbolicLink(file).toString() : "";
        if (type == TarEntry.Type.FILE && attributes.fileKey() != null && number(file, "nlink") > 1) {
            var first = linked.putIfAbsent(attributes.fileKey(), path);
            if (first != null) {
                type = TarEntry.Type.HARD_LINK;
                link = first;
            }
        }
        long size = type == TarEntry.Type.FILE ? attributes.size() : 0;
        var owner = owners ? new TarEntry.Owner(number(file, "uid"), number(file, "gid")) : TarEntry.Owner.ROOT;
        var entry = new TarEntry(path, type, link, number(file, "mode") & 07777, size,
                attributes.lastModifiedTime().toMillis() / 1000, owner);
        try (var content = size > 0 ? Files.newInputStream(file) : InputStream.nullInputStream()) {
            tar.write(entry, content);
        }
    }

    private static int number(Path file, String attribute) throws IOException {
        return (int) Files.getAttribute(file, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
    }
}
