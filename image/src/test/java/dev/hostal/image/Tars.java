package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import dev.hostal.oci.layer.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/// Builds small tar archives.
final class Tars {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter writer = new TarWriter(bytes);

    Tars file(String name, String content) throws IOException {
        return file(name, content.getBytes(UTF_8), 0644, Map.of());
    }

    Tars file(String name, byte[] content, int mode, Map<String, String> xattrs) throws IOException {
        writer.begin(new TarEntry(Type.FILE, name, "", content.length, new Attributes(mode, 0, 0, 1_000_000, xattrs),
                Device.NONE));
        bytes.write(content);
        writer.endContent(content.length);
        return this;
    }

    Tars folder(String name) throws IOException {
        return add(Type.DIRECTORY, name, "");
    }

    Tars add(Type type, String name, String target) throws IOException {
        writer.begin(new TarEntry(type, name, target, 0, new Attributes(0755, 0, 0, 1_000_000, Map.of()),
                Device.NONE));
        return this;
    }

    byte[] toBytes() throws IOException {
        writer.finish();
        return bytes.toByteArray();
    }
}
