package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarReader;
import dev.hostal.oci.layer.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What a container's root has that its image has not, and the other way round: found by comparing the one's archive with
/// the other's layers, so that it is the same for containers and virtual machines.
final class RootDifference {
    /// As `docker diff` numbers them. Source: Docker Engine API, definition ChangeType.
    static final int MODIFIED = 0;
    static final int ADDED = 1;
    static final int DELETED = 2;
    /// Source: OCI image-spec, layer.md, "Whiteouts".
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    /// What a container is given at its start. Never part of an image.
    private static final List<String> GIVEN = List.of("dev", "proc", "sys");
    private static final Set<String> GIVEN_FILES = Set.of("etc/hostname", "etc/hosts", "etc/resolv.conf", ".dockerenv");

    private final Map<String, TarEntry> image;
    private final Predicate<String> leftOut;
    private final TreeMap<String, Integer> changes = new TreeMap<>();

    private RootDifference(Map<String, TarEntry> image, Predicate<String> leftOut) {
        this.image = image;
        this.leftOut = leftOut;
    }

    /// @param imageArchive as `docker save` writes it
    /// @param mounted places of the container's volumes, which are no part of its root
    static RootDifference with(InputStream imageArchive, List<String> mounted) throws IOException {
        var places = new HashSet<String>();
        mounted.forEach(target -> places.add(target.substring(1)));
        return new RootDifference(tree(imageArchive), name -> isGiven(name) || places.stream().anyMatch(place -> isBelow(name, place)));
    }

    /// Whether it is one of what a container is given at its start.
    static boolean isGiven(String name) {
        return GIVEN_FILES.contains(name) || GIVEN.stream().anyMatch(place -> isBelow(name, place));
    }

    static boolean isBelow(String name, String place) {
        return name.startsWith(place + "/");
    }

    /// A name as layers have it: `usr/bin`, and empty for the root itself.
    static String clean(String name) {
        var from = name.startsWith("./") ? name.substring(2) : name.equals(".") ? "" : name;
        while (from.startsWith("/")) from = from.substring(1);
        return from.endsWith("/") ? from.substring(0, from.length() - 1) : from;
    }

    private static Map<String, TarEntry> tree(InputStream archive) throws IOException {
        var layers = new HashMap<String, List<TarEntry>>();
        var order = List.<String>of();
        var reader = new TarReader(archive);
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var name = next.get().name();
            if (name.equals("manifest.json")) {
                var text = new String(reader.content().orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
                order = ((Json.Obj) ((Json.Array) Json.parse(text)).items().getFirst()).value().texts("Layers");
            } else if (name.endsWith(".tar")) {
                layers.put(name, entries(new TarReader(reader.content().orElseThrow())));
            }
        }
        var tree = new HashMap<String, TarEntry>();
        for (var name : order) apply(layers.getOrDefault(name, List.of()), tree);
        return tree;
    }

    private static List<TarEntry> entries(TarReader layer) throws IOException {
        var entries = new ArrayList<TarEntry>();
        for (var next = layer.next(); next.isPresent(); next = layer.next()) entries.add(next.get());
        return entries;
    }

    private static void apply(List<TarEntry> layer, Map<String, TarEntry> tree) {
        for (var entry : layer) {
            var name = clean(entry.name());
            int slash = name.lastIndexOf('/') + 1;
            if (!name.startsWith(WHITEOUT, slash)) continue;
            var folder = name.substring(0, Math.max(0, slash - 1));
            if (name.endsWith(OPAQUE)) tree.keySet().removeIf(path -> isBelow(path, folder));
            else remove(tree, name.substring(0, slash) + name.substring(slash + WHITEOUT.length()));
        }
        for (var entry : layer) {
            var name = clean(entry.name());
            if (name.isEmpty() || name.startsWith(WHITEOUT, name.lastIndexOf('/') + 1)) continue;
            if (entry.type() != TarEntry.Type.DIRECTORY) remove(tree, name);
            tree.put(name, entry);
        }
    }

    private static void remove(Map<String, TarEntry> tree, String name) {
        tree.remove(name);
        tree.keySet().removeIf(path -> isBelow(path, name));
    }

    /// Compares, and writes what differs as a layer.
    void write(InputStream root, OutputStream layer) throws IOException {
        var writer = new TarWriter(layer);
        var reader = new TarReader(root);
        var seen = new HashSet<String>();
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var entry = next.get();
            var name = clean(entry.name());
            if (name.isEmpty() || leftOut.test(name)) continue;
            seen.add(name);
            var before = image.get(name);
            if (before != null && isSame(before, entry)) continue;
            // Folders that every container has are no changes of anybody's.
            if (GIVEN.contains(name)) continue;
            changes.put("/" + name, before == null ? ADDED : MODIFIED);
            writer.begin(new TarEntry(entry.type(), name, entry.type() == TarEntry.Type.HARD_LINK ? clean(entry.linkName()) : entry.linkName(),
                    entry.size(), entry.attributes(), entry.device()));
            if (entry.size() > 0) reader.copyContent(layer);
            writer.endContent(entry.size());
        }
        for (var name : image.keySet()) {
            if (seen.contains(name) || leftOut.test(name)) continue;
            var above = name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
            if (!above.isEmpty() && image.containsKey(above) && !seen.contains(above)) continue;
            changes.put("/" + name, DELETED);
            int slash = name.lastIndexOf('/') + 1;
            writer.begin(new TarEntry(TarEntry.Type.FILE, name.substring(0, slash) + WHITEOUT + name.substring(slash), "", 0,
                    new TarEntry.Attributes(0, 0, 0, 0, Map.of()), TarEntry.Device.NONE));
        }
        writer.finish();
        // A start has put its files there.
        boolean below = changes.keySet().stream().anyMatch(path -> path.startsWith("/etc/"));
        if (!below && image.containsKey("etc")) changes.remove("/etc");
    }

    private static boolean isSame(TarEntry before, TarEntry now) {
        var a = before.attributes();
        var b = now.attributes();
        boolean linked = before.type() == TarEntry.Type.HARD_LINK || now.type() == TarEntry.Type.HARD_LINK;
        if (a.mode() != b.mode() || a.uid() != b.uid() || a.gid() != b.gid()) return false;
        if (a.mtime() != b.mtime() && now.type() != TarEntry.Type.SYMBOLIC_LINK) return false;
        return linked || before.type() == now.type() && before.size() == now.size() && before.linkName().equals(now.linkName());
    }

    /// By path, once [#write] has ended.
    List<JsonObject> listed() {
        return changes.entrySet().stream().map(change -> new JsonObject().put("Path", change.getKey()).put("Kind", change.getValue())).toList();
    }
}
