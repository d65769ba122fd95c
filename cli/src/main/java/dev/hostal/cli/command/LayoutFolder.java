package dev.hostal.cli.command;

import dev.hostal.cli.files.TarEntry;
import dev.hostal.cli.files.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// An OCI image layout as a folder. Source: OCI image-spec, image-layout.md.
final class LayoutFolder {
    private static final Pattern FILE = Pattern.compile("oci-layout|index\\.json|blobs/sha256/[0-9a-f]{64}");
    private static final int LEVELS = 3;

    private final Path folder;

    LayoutFolder(Path folder) {
        this.folder = folder;
    }

    /// Writes the layout that comes as a tar archive; nothing is left of one that breaks off.
    ///
    /// @throws IOException there is something in the folder, or the archive holds something else than a layout
    void write(InputStream archive) throws IOException {
        if (Files.exists(folder)) requireEmpty();
        boolean whole = false;
        try {
            Files.createDirectories(folder.resolve("blobs/sha256"));
            var tar = new TarReader(archive);
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                if (entry.get().type() == TarEntry.Type.FILE) write(entry.get().path(), tar);
            }
            whole = true;
        } finally {
            if (!whole) removeAll();
        }
    }

    private void write(String name, TarReader tar) throws IOException {
        if (!FILE.matcher(name).matches()) throw new IOException("'%s' belongs to no OCI layout.".formatted(name));
        try (var file = Files.newOutputStream(folder.resolve(name))) {
            var bytes = new byte[64 << 10];
            for (int count = tar.read(bytes); count >= 0; count = tar.read(bytes)) {
                file.write(bytes, 0, count);
            }
        }
    }

    private void requireEmpty() throws IOException {
        try (var files = Files.list(folder)) {
            if (files.findAny().isPresent()) throw new IOException("The folder %s is not empty.".formatted(folder));
        }
    }

    private void removeAll() throws IOException {
        if (!Files.exists(folder)) return;
        try (var files = Files.walk(folder, LEVELS)) {
            for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
