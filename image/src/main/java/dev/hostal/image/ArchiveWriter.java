package dev.hostal.image;

import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/// A tar archive whose bytes depend on nothing but its files.
final class ArchiveWriter {
    private static final Attributes FILE = new Attributes(0644, 0, 0, 0, Map.of());

    private final OutputStream out;
    private final TarWriter tar;
    private final byte[] buffer = new byte[64 << 10];

    ArchiveWriter(OutputStream out) {
        this.out = out;
        this.tar = new TarWriter(out);
    }

    void folder(String name) throws IOException {
        tar.begin(new TarEntry(TarEntry.Type.DIRECTORY, name + "/", "", 0, Attributes.IMPLIED_DIRECTORY, Device.NONE));
    }

    void file(String name, byte[] content) throws IOException {
        file(name, content.length, new ByteArrayInputStream(content));
    }

    /// @throws IOException the content has another length; the archive is of no use then
    void file(String name, long size, InputStream content) throws IOException {
        tar.begin(new TarEntry(TarEntry.Type.FILE, name, "", size, FILE, Device.NONE));
        long left = size;
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            left -= count;
            if (left < 0) break;
            out.write(buffer, 0, count);
        }
        if (left != 0) throw new IOException("%s changed while it was put into an archive".formatted(name));
        tar.endContent(size);
    }

    void finish() throws IOException {
        tar.finish();
    }
}
