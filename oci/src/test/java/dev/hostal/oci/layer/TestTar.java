package dev.hostal.oci.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes small archives and reads them back as lines.
final class TestTar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter writer = new TarWriter(bytes);

    TestTar file(String name, String content) throws IOException {
        return add(new TarEntry(Type.FILE, name, "", content.length(), attributes(0644, Map.of()), Device.NONE),
                content);
    }

    TestTar folder(String name, int mode) throws IOException {
        return add(TarEntry.directory(name, attributes(mode, Map.of())), "");
    }

    TestTar hardLink(String name, String target) throws IOException {
        return add(new TarEntry(Type.HARD_LINK, name, target, 0, attributes(0644, Map.of()), Device.NONE), "");
    }

    TestTar symbolicLink(String name, String target) throws IOException {
        return add(new TarEntry(Type.SYMBOLIC_LINK, name, target, 0, attributes(0777, Map.of()), Device.NONE), "");
    }

    TestTar add(TarEntry entry, String content) throws IOException {
        writer.begin(entry);
        bytes.write(content.getBytes(ISO_8859_1));
        writer.endContent(entry.size());
        return this;
    }

    byte[] toBytes() throws IOException {
        writer.finish();
        return bytes.toByteArray();
    }

    static Attributes attributes(int mode, Map<String, String> xattrs) {
        return new Attributes(mode, 0, 0, 1_000_000, xattrs);
    }

    /// One line an entry: type, mode, owner, name, what it holds.
    static List<String> lines(byte[] tar) throws IOException {
        var lines = new ArrayList<String>();
        var reader = new TarReader(new ByteArrayInputStream(tar));
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var entry = next.get();
            var content = new ByteArrayOutputStream();
            reader.copyContent(content);
            var holds = switch (entry.type()) {
                case FILE -> content.toString(ISO_8859_1);
                case HARD_LINK, SYMBOLIC_LINK -> "-> " + entry.linkName();
                case CHARACTER_DEVICE, BLOCK_DEVICE -> entry.device().major() + ":" + entry.device().minor();
                case DIRECTORY, FIFO -> "";
            };
            lines.add("%s %o %d:%d %s %s%s".formatted(entry.type(), entry.attributes().mode(),
                    entry.attributes().uid(), entry.attributes().gid(), entry.name(), holds,
                    entry.attributes().xattrs().isEmpty() ? "" : " " + entry.attributes().xattrs()).strip());
        }
        return lines;
    }
}
