package dev.hostal.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.hostal.oci.Digest;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What overlayfs shows of squashfs layers, worked out by hand: one line for each path.
final class StackedLayers {
    private StackedLayers() {}

    /// @param layers lowest first
    static Map<String, String> show(List<Path> layers) throws IOException, InterruptedException {
        var shown = new TreeMap<String, String>();
        for (var layer : layers) {
            var entries = read(Tools.run("sqfs2tar", "-r", "root", layer.toString()), "root");
            entries.forEach((name, line) -> {
                boolean isFolder = line.startsWith("DIRECTORY");
                if (!isFolder || line.contains("trusted.overlay.opaque=y")) {
                    shown.keySet().removeIf(path -> path.startsWith(name + "/"));
                }
            });
            entries.forEach((name, line) -> {
                if (line.startsWith("CHARACTER_DEVICE 0 0:0 0:0")) {
                    shown.remove(name);
                } else {
                    shown.put(name, line.replace("trusted.overlay.opaque=y", "").replace("{}", "").strip());
                }
            });
        }
        return shown;
    }

    /// One line for each path of a tar: type, mode, owner, what it holds, attributes. Hard links hold what their
    /// target holds.
    static Map<String, String> read(byte[] tar, String root) throws IOException {
        var lines = new HashMap<String, String>();
        var links = new HashMap<String, String>();
        var reader = new TarReader(new ByteArrayInputStream(tar));
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var entry = next.get();
            var name = plain(entry.name(), root);
            if (entry.type() == TarEntry.Type.HARD_LINK) {
                links.put(name, plain(entry.linkName(), root));
                continue;
            }
            var content = new ByteArrayOutputStream();
            reader.copyContent(content);
            var holds = switch (entry.type()) {
                case FILE -> entry.size() + " " + Digest.of(content.toByteArray());
                case SYMBOLIC_LINK -> entry.linkName();
                case CHARACTER_DEVICE, BLOCK_DEVICE -> entry.device().major() + ":" + entry.device().minor();
                case HARD_LINK, DIRECTORY, FIFO -> "";
            };
            var attributes = entry.attributes();
            lines.put(name, "%s %o %d:%d %s %s".formatted(entry.type(), attributes.mode(), attributes.uid(),
                    attributes.gid(), holds, new TreeMap<>(attributes.xattrs())).replace(" {}", "").strip());
        }
        links.forEach((name, target) -> {
            while (links.containsKey(target)) {
                target = links.get(target);
            }
            lines.put(name, lines.get(target));
        });
        return new TreeMap<>(lines);
    }

    private static String plain(String name, String root) {
        var text = new String(name.getBytes(ISO_8859_1), ISO_8859_1).replaceAll("^\\./", "").replaceAll("/$", "");
        if (text.equals(root)) return "";
        return text.startsWith(root + "/") ? text.substring(root.length() + 1) : text;
    }
}
