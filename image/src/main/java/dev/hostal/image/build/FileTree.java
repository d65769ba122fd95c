package dev.hostal.image.build;

import dev.hostal.oci.layer.LayerNames;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Files of a context, or of the layers of an image stacked: what is where, and where its content is. Names are as in
/// [Names]. Not to be changed once it is shared.
final class FileTree {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    /// Most links that are followed for one path. Source: Linux, `MAXSYMLINKS`.
    private static final int LINKS_MAX = 40;

    /// Where the content of a file is.
    interface Content {
        /// To be closed by whoever reads.
        InputStream open() throws IOException;

        /// SHA-256 in hex.
        String digest() throws IOException;
    }

    /// @param entry with the file's full name; never a hard link
    record Node(TarEntry entry, Optional<Content> content) {
        boolean isFolder() {
            return entry.type() == Type.DIRECTORY;
        }

        boolean isLink() {
            return entry.type() == Type.SYMBOLIC_LINK;
        }
    }

    private final TreeMap<String, Node> nodes = new TreeMap<>();

    /// A copy that may be changed.
    FileTree copy() {
        var copy = new FileTree();
        copy.nodes.putAll(nodes);
        return copy;
    }

    int size() {
        return nodes.size();
    }

    void put(String name, Node node) {
        if (name.isEmpty() && !node.isFolder()) return;
        var there = nodes.get(name);
        if (there != null && there.isFolder() && !node.isFolder()) removeBelow(name);
        nodes.put(name, node);
        for (var above = name; !above.isEmpty(); ) {
            above = LayerNames.parent(above);
            var folder = nodes.get(above);
            if (folder != null && folder.isFolder()) break;
            if (above.isEmpty()) break;
            nodes.put(above, new Node(new TarEntry(Type.DIRECTORY, above, "", 0, Attributes.IMPLIED_DIRECTORY, Device.NONE),
                    Optional.empty()));
        }
    }

    void remove(String name) {
        nodes.remove(name);
        removeBelow(name);
    }

    private void removeBelow(String name) {
        if (name.isEmpty()) nodes.clear();
        else nodes.subMap(name + "/", true, name + "0", false).clear();
    }

    /// Puts a layer on top: its whiteouts take away, its files hide.
    void stack(List<Node> layer) {
        for (var node : layer) {
            var name = node.entry().name();
            var last = LayerNames.last(name);
            if (last.equals(OPAQUE)) removeBelow(LayerNames.parent(name));
            else if (last.startsWith(WHITEOUT)) remove(LayerNames.join(LayerNames.parent(name),
                    last.substring(WHITEOUT.length())));
        }
        for (var node : layer) {
            if (!LayerNames.last(node.entry().name()).startsWith(WHITEOUT)) put(node.entry().name(), node);
        }
    }

    /// What is exactly there; no link is followed. The root is always.
    Optional<Node> at(String name) {
        if (name.isEmpty()) return Optional.of(nodes.getOrDefault("", new Node(new TarEntry(Type.DIRECTORY, "", "", 0,
                Attributes.IMPLIED_DIRECTORY, Device.NONE), Optional.empty())));
        return Optional.ofNullable(nodes.get(name));
    }

    /// Everything below a folder, in order of names.
    NavigableMap<String, Node> below(String name) {
        if (name.isEmpty()) return nodes.tailMap("", false);
        return nodes.subMap(name + "/", true, name + "0", false);
    }

    /// The names of all that is there.
    Iterable<String> names() {
        return nodes.keySet();
    }

    /// The path after all links on the way to it, those at its end too; what is not there stays as written.
    ///
    /// @throws IllegalArgumentException links lead in a circle
    String resolve(String path) {
        return resolve(path, true);
    }

    /// The same without a link at the end.
    String resolveParent(String path) {
        return resolve(path, false);
    }

    private String resolve(String path, boolean last) {
        var todo = new ArrayList<>(List.of(path.split("/")).reversed());
        var done = "";
        int links = 0;
        while (!todo.isEmpty()) {
            var part = todo.removeLast();
            if (part.isEmpty() || part.equals(".")) continue;
            if (part.equals("..")) {
                done = LayerNames.parent(done);
                continue;
            }
            var next = LayerNames.join(done, part);
            var node = nodes.get(next);
            boolean follow = node != null && node.isLink() && (last || !todo.isEmpty());
            if (!follow) {
                done = next;
                continue;
            }
            if (++links > LINKS_MAX) {
                throw new IllegalArgumentException("too many levels of symbolic links: " + Names.shown(path));
            }
            var target = node.entry().linkName();
            if (target.startsWith("/")) done = "";
            todo.addAll(List.of(target.split("/")).reversed());
        }
        return done;
    }
}
