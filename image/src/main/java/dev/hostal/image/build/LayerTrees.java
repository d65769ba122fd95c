package dev.hostal.image.build;

import dev.hostal.image.build.BuildStore.Layer;
import dev.hostal.image.build.FileTree.Content;
import dev.hostal.image.build.FileTree.Node;
import dev.hostal.oci.Digest;
import dev.hostal.oci.layer.TarEntry.Type;
import dev.hostal.oci.layer.TarReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is in layers, found by reading them once. Any thread may ask.
final class LayerTrees {
    /// Most files of layers that are remembered. Chosen: some hundred megabytes.
    private static final int NODES_MAX = 1_000_000;
    /// Read while the layer is: everybody wants to know who is who.
    private static final Set<String> KEPT = Set.of("etc/passwd", "etc/group");

    private final BuildStore store;
    /// Under this object's lock, least lately used first.
    private final LinkedHashMap<Digest, List<Node>> known = new LinkedHashMap<>(16, 0.75f, true);
    private int nodes;

    LayerTrees(BuildStore store) {
        this.store = store;
    }

    /// A file that is read by [#fetch] before it is opened.
    private record InLayer(Layer layer, String name) implements Content {
        @Override public InputStream open() {
            throw new IllegalStateException("%s was not fetched".formatted(name));
        }

        @Override public String digest() {
            throw new IllegalStateException("%s was not fetched".formatted(name));
        }
    }

    FileTree of(List<Layer> layers) throws IOException {
        var tree = new FileTree();
        for (var layer : layers) {
            tree.stack(nodes(layer));
        }
        return tree;
    }

    private List<Node> nodes(Layer layer) throws IOException {
        synchronized (this) {
            var there = known.get(layer.diffId());
            if (there != null) return there;
        }
        var read = read(layer);
        synchronized (this) {
            if (known.put(layer.diffId(), read) == null) nodes += read.size();
            var oldest = known.entrySet().iterator();
            while (nodes > NODES_MAX && known.size() > 1) {
                nodes -= oldest.next().getValue().size();
                oldest.remove();
            }
        }
        return read;
    }

    private List<Node> read(Layer layer) throws IOException {
        var found = new ArrayList<Node>();
        var byName = new HashMap<String, Node>();
        try (var tar = store.open(layer)) {
            var reader = new TarReader(tar);
            for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                var name = Names.clean(entry.get().name());
                var node = switch (entry.get().type()) {
                    case FILE -> {
                        Content content = new InLayer(layer, name);
                        if (KEPT.contains(name) && entry.get().size() <= Owners.FILE_MAX) {
                            var bytes = new ByteArrayOutputStream();
                            reader.copyContent(bytes);
                            content = Spool.bytes(bytes.toByteArray());
                        }
                        yield new Node(Spool.named(entry.get(), name), Optional.of(content));
                    }
                    case HARD_LINK -> {
                        var target = byName.get(Names.clean(entry.get().linkName()));
                        yield target == null ? null : new Node(Spool.named(target.entry(), name), target.content());
                    }
                    case DIRECTORY, SYMBOLIC_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                            new Node(Spool.named(entry.get(), name), Optional.empty());
                };
                if (node == null) continue;
                found.add(node);
                if (node.entry().type() != Type.DIRECTORY) byName.put(name, node);
            }
        }
        return List.copyOf(found);
    }

    /// The same nodes with contents that can be opened: every layer is read once.
    List<Copying.Item> fetch(List<Copying.Item> items, Spool spool) throws IOException {
        var wanted = new LinkedHashMap<Layer, Set<String>>();
        for (var item : items) {
            if (item.node().content().orElse(null) instanceof InLayer(var layer, var name)) {
                wanted.computeIfAbsent(layer, _ -> new HashSet<>()).add(name);
            }
        }
        if (wanted.isEmpty()) return items;
        var fetched = new HashMap<InLayer, Content>();
        for (var layer : wanted.entrySet()) {
            fetch(layer.getKey(), layer.getValue(), spool, fetched);
        }
        spool.flush();
        return items.stream().map(item -> item.node().content().orElse(null) instanceof InLayer there
                ? new Copying.Item(item.name(), new Node(item.node().entry(), Optional.of(fetched.get(there))), item.single())
                : item).toList();
    }

    private void fetch(Layer layer, Set<String> names, Spool spool, Map<InLayer, Content> fetched) throws IOException {
        try (var tar = store.open(layer)) {
            var reader = new TarReader(tar);
            for (var entry = reader.next(); entry.isPresent() ; entry = reader.next()) {
                var name = Names.clean(entry.get().name());
                if (entry.get().type() == Type.FILE && names.contains(name)) {
                    fetched.put(new InLayer(layer, name), spool.keep(reader::copyContent));
                }
            }
        }
        for (var name : names) {
            if (!fetched.containsKey(new InLayer(layer, name))) throw new IOException(
                    "layer %s has no file %s any more".formatted(layer.diffId(), Names.shown(name)));
        }
    }
}
