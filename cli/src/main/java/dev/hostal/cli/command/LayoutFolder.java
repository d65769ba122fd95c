package dev.hostal.cli.command;

import dev.hostal.cli.files.TarEntry;
import dev.hostal.cli.files.TarReader;
import dev.hostal.cli.files.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// An OCI image layout as a folder. Source: OCI image-spec, image-layout.md.
final class LayoutFolder {
    private static final Pattern FILE = Pattern.compile("oci-layout|index\\.json|blobs/sha256/[0-9a-f]{64}");
    private static final String LAYOUT = "oci-layout";
    private static final String INDEX = "index.json";
    private static final String BLOBS = "blobs/sha256";
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
            Files.createDirectories(folder.resolve(BLOBS));
            var tar = new TarReader(archive);
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                if (entry.get().type() == TarEntry.Type.FILE) write(entry.get().path(), tar);
            }
            whole = true;
        } finally {
            if (!whole) removeAll();
        }
    }

    /// Puts the layout that comes as a tar archive in the place of the one that is there, if one is. Blobs that are there stay,
    /// for they are named by their content; the index is replaced at last.
    ///
    /// @throws IOException what is in the folder is no layout
    void update(InputStream archive) throws IOException {
        if (Files.exists(folder) && Files.notExists(folder.resolve(INDEX))) requireEmpty();
        Files.createDirectories(folder.resolve(BLOBS));
        var fresh = new LayoutFolder(Files.createTempDirectory(folder, ".partial"));
        try {
            fresh.write(archive);
            try (var blobs = Files.list(fresh.folder.resolve(BLOBS))) {
                for (var blob : blobs.toList()) Files.move(blob, folder.resolve(BLOBS).resolve(blob.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            for (var file : List.of(LAYOUT, INDEX)) Files.move(fresh.folder.resolve(file), folder.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            fresh.removeAll();
        }
    }

    boolean isThere() {
        return Files.isRegularFile(folder.resolve(INDEX));
    }

    /// The layout as an archive that is made as it is read.
    InputStream read() throws IOException {
        var archive = new PipedInputStream(1 << 20);
        var pipe = new PipedOutputStream(archive);
        var packer = new Thread(() -> {
            try (pipe) {
                pack(pipe);
            } catch (IOException _) {
                // An archive that ends too early is refused by whoever reads it.
            }
        }, "pack");
        packer.setDaemon(true);
        packer.start();
        return archive;
    }

    private void pack(OutputStream out) throws IOException {
        var tar = new TarWriter(out);
        var files = new ArrayList<>(List.of(LAYOUT, INDEX));
        try (var blobs = Files.list(folder.resolve(BLOBS))) {
            blobs.sorted().forEach(blob -> files.add(BLOBS + "/" + blob.getFileName()));
        }
        for (var name : files) {
            if (!FILE.matcher(name).matches()) continue;
            var file = folder.resolve(name);
            try (var content = Files.newInputStream(file)) {
                tar.write(new TarEntry(name, TarEntry.Type.FILE, "", 0644, Files.size(file), 0), content);
            }
        }
        tar.close();
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
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
