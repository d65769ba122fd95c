package dev.hostal.oci.layout;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.Index;
import dev.hostal.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// An OCI image layout that this process alone writes to.
public final class ImageLayout {
    private static final String VERSION_FILE = "oci-layout";
    private static final String VERSION = "1.0.0";

    private final Path folder;
    private final Blobs blobs;
    private Index index;

    private ImageLayout(Path folder, Blobs blobs, Index index) {
        this.folder = folder;
        this.blobs = blobs;
        this.index = index;
    }

    /// Opens the layout, made empty where there is none, and removes what a former process left unfinished.
    ///
    /// @throws IOException the folder holds something else, or cannot be written
    public static ImageLayout open(Path folder) throws IOException {
        var temporary = folder.resolve("tmp");
        var blobs = new Blobs(folder.resolve("blobs/sha256"), temporary);
        Files.createDirectories(folder.resolve("blobs/sha256"));
        Files.createDirectories(temporary);
        try (var leftovers = Files.newDirectoryStream(temporary)) {
            for (var leftover : leftovers) {
                delete(leftover);
            }
        }
        readVersion(folder, blobs);
        return new ImageLayout(folder, blobs, readIndex(folder));
    }

    /// Builds leave folders behind when they are killed.
    private static void delete(Path leftover) throws IOException {
        List<Path> all;
        try (var found = Files.walk(leftover)) {
            all = found.toList();
        }
        for (var path : all.reversed()) {
            Files.deleteIfExists(path);
        }
    }

    public Blobs blobs() {
        return blobs;
    }

    /// What is named, as it is on the disk.
    public synchronized Index index() {
        return index;
    }

    /// Replaces the index in one step.
    public synchronized void update(UnaryOperator<Index> change) throws IOException {
        var changed = change.apply(index);
        if (changed.equals(index)) return;
        DurableFiles.write(folder.resolve("index.json"), changed.toBytes(), blobs.newTemporary("index"));
        index = changed;
    }

    private static void readVersion(Path folder, Blobs blobs) throws IOException {
        var file = folder.resolve(VERSION_FILE);
        if (Files.exists(file)) {
            var version = read(file, text -> JsonObject.parse(text).text("imageLayoutVersion"));
            if (!version.equals(VERSION)) {
                throw new IOException("%s says version %s; only %s is known here".formatted(file, version, VERSION));
            }
            return;
        }
        var text = new JsonObject().put("imageLayoutVersion", VERSION).toText();
        DurableFiles.write(file, text.getBytes(StandardCharsets.UTF_8), blobs.newTemporary("version"));
    }

    private static Index readIndex(Path folder) throws IOException {
        var file = folder.resolve("index.json");
        if (!Files.exists(file)) return Index.EMPTY;
        return read(file, text -> Index.parse(MediaTypes.OCI_INDEX, text.getBytes(StandardCharsets.UTF_8)));
    }

    private static <T> T read(Path file, Function<String, T> reader) throws IOException {
        try {
            return reader.apply(Files.readString(file));
        } catch (JsonException e) {
            throw new IOException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
