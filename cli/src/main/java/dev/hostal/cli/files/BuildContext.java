package dev.hostal.cli.files;

import dev.hostal.model.IgnoreFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/// Packs the folder that an image is built of, without what `.dockerignore` names.
public final class BuildContext {
    /// The name of a Dockerfile that does not lie in the folder.
    public static final String OTHER = ".hostal.Dockerfile";
    private static final String IGNORE = ".dockerignore";

    private final Path folder;
    private final String dockerfile;
    private final IgnoreFile ignored;

    /// @param dockerfile path in the folder
    /// @throws IOException `.dockerignore` is wrong or cannot be read
    public BuildContext(Path folder, String dockerfile) throws IOException {
        this.folder = folder;
        this.dockerfile = dockerfile;
        this.ignored = ignored(folder, dockerfile);
    }

    /// Of two files the one that is named after the Dockerfile. Source: Dockerfile reference, ".dockerignore file".
    private static IgnoreFile ignored(Path folder, String dockerfile) throws IOException {
        var own = folder.resolve(dockerfile + IGNORE);
        var file = Files.exists(own) ? own : folder.resolve(IGNORE);
        try {
            return IgnoreFile.parse(Files.readString(file));
        } catch (NoSuchFileException _) {
            return IgnoreFile.parse("");
        } catch (IllegalArgumentException e) {
            throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// @param other content of a Dockerfile that goes with it; none where it is empty
    public void pack(byte[] other, OutputStream out) throws IOException {
        var tar = new TarWriter(out);
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) throws IOException {
                var name = folder.relativize(path).toString();
                if (name.isEmpty()) return FileVisitResult.CONTINUE;
                if (ignored.ignores(name)) return ignored.mayHoldExceptions() || dockerfile.startsWith(name + "/")
                        ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
                write(tar, path, name, attributes);
                return FileVisitResult.CONTINUE;
            }

            @Override public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                var name = folder.relativize(path).toString();
                boolean needed = name.equals(dockerfile) || name.equals(IGNORE) || name.equals(dockerfile + IGNORE);
                if (!attributes.isOther() && (needed || !ignored.ignores(name))) write(tar, path, name, attributes);
                return FileVisitResult.CONTINUE;
            }
        });
        if (other.length > 0) dockerfile(tar, other);
        tar.close();
    }

    /// A context with nothing but a Dockerfile.
    public static void pack(byte[] text, String name, OutputStream out) throws IOException {
        var tar = new TarWriter(out);
        tar.write(new TarEntry(name, TarEntry.Type.FILE, "", 0644, text.length, 0), new ByteArrayInputStream(text));
        tar.close();
    }

    private static void dockerfile(TarWriter tar, byte[] text) throws IOException {
        tar.write(new TarEntry(OTHER, TarEntry.Type.FILE, "", 0644, text.length, 0), new ByteArrayInputStream(text));
    }

    private static void write(TarWriter tar, Path file, String name, BasicFileAttributes attributes) throws IOException {
        int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
        var type = attributes.isDirectory() ? TarEntry.Type.FOLDER
                : attributes.isSymbolicLink() ? TarEntry.Type.SYMBOLIC_LINK : TarEntry.Type.FILE;
        var link = attributes.isSymbolicLink() ? Files.readSymbolicLink(file).toString() : "";
        long size = type == TarEntry.Type.FILE ? attributes.size() : 0;
        try (var content = size > 0 ? Files.newInputStream(file) : InputStream.nullInputStream()) {
            tar.write(new TarEntry(name, type, link, mode, size, attributes.lastModifiedTime().toMillis() / 1000), content);
        }
    }
}
