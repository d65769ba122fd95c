package dev.hostal.oci.layer;

import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Turns the tar of the upper folder of an overlay into the tar of a layer: the inverse of [LayerRewriter].
/// Source: OCI image-spec, layer.md, "Whiteouts"; Linux, filesystems/overlayfs.rst, "whiteouts and opaque directories".
public final class UpperTar {
    private static final String OVERLAY = "trusted.overlay.";
    private static final String OPAQUE = OVERLAY + "opaque";
    /// Attributes with which an upper file has only a part of what it is.
    private static final Set<String> PARTIAL = Set.of(OVERLAY + "redirect", OVERLAY + "metacopy");
    /// What is mounted in every container leaves its place in the upper folder.
    private static final Set<String> PLACES = Set.of("dev", "proc", "sys", "etc/hostname", "etc/hosts", "etc/resolv.conf");

    private UpperTar() {}

    /// @param mounted paths at which something else was mounted, without the first slash
    /// @return how many entries there are
    /// @throws BadLayerException the archive is damaged, or of an overlay with redirects
    public static int rewrite(InputStream tar, OutputStream out, Set<String> mounted) throws IOException {
        var reader = new TarReader(tar);
        var writer = new TarWriter(out);
        int entries = 0;
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var name = LayerNames.normal(next.get().name());
            if (name.isEmpty() || isPlace(name) || mounted.contains(name)) continue;
            var entry = next.get().named(name);
            if (entry.type() == Type.HARD_LINK) entry = entry.linkedTo(LayerNames.normal(entry.linkName()));
            entries++;
            if (entry.type() == Type.CHARACTER_DEVICE && entry.device().equals(Device.NONE)) {
                writer.begin(empty(LayerNames.join(LayerNames.parent(name), ".wh." + LayerNames.last(name))));
                continue;
            }
            var attributes = entry.attributes();
            for (var partial : PARTIAL) {
                if (attributes.xattrs().containsKey(partial)) throw new BadLayerException(
                        "'%s' has the attribute %s of overlayfs".formatted(LayerNames.shown(name), partial));
            }
            writer.begin(entry.with(new Attributes(attributes.mode(), attributes.uid(), attributes.gid(),
                    attributes.mtime(), kept(attributes.xattrs()))));
            reader.copyContent(out);
            writer.endContent(entry.size());
            if ("y".equals(attributes.xattrs().get(OPAQUE))) writer.begin(empty(LayerNames.join(name, ".wh..wh..opq")));
        }
        writer.finish();
        return entries;
    }

    private static boolean isPlace(String name) {
        return PLACES.contains(name) || name.startsWith("dev/") || name.startsWith("proc/") || name.startsWith("sys/");
    }

    private static TarEntry empty(String name) {
        return new TarEntry(Type.FILE, name, "", 0, new Attributes(0, 0, 0, 0, Map.of()), Device.NONE);
    }

    private static Map<String, String> kept(Map<String, String> xattrs) {
        var kept = new TreeMap<String, String>();
        xattrs.forEach((name, value) -> {
            if (!name.startsWith(OVERLAY)) kept.put(name, value);
        });
        return kept;
    }
}
