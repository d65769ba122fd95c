package dev.hostal.image.build;

import dev.hostal.image.build.FileTree.Node;
import dev.hostal.image.build.Owners.Owner;
import dev.hostal.model.IgnoreFile;
import dev.hostal.model.PathPattern;
import dev.hostal.oci.layer.LayerNames;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What `COPY` and `ADD` put where: first which files of a source, then, knowing what is at the target, the files of a
/// layer. Both are pure. Source: Dockerfile reference, "COPY"; BuildKit for what it leaves open.
final class Copying {
    /// One thing to be copied.
    ///
    /// @param name relative to the target; empty for what the target itself becomes
    /// @param single not the content of a folder: a target that is a folder gets it under its own name
    record Item(String name, Node node, boolean single) {}

    /// @param parents the folders above are made at the target too
    /// @param exclude patterns of what is left out
    record Choice(boolean parents, List<String> exclude) {}

    /// @param owner empty: as it is
    /// @param mode empty: as it is
    /// @param epoch the newest time that a file has, in seconds; empty: any
    record Manner(Optional<Owner> owner, Optional<ModeChange> mode, Optional<Long> epoch, long now) {}

    private Copying() {}

    /// @param sources as written, variables filled in
    /// @throws IllegalArgumentException a source is not there
    static List<Item> select(FileTree tree, List<String> sources, Choice choice) {
        var items = new ArrayList<Item>();
        var exclude = IgnoreFile.parse(String.join("\n", choice.exclude()));
        for (var source : sources) {
            // With --parents what stands before `/./` is not made.
            int pivot = choice.parents() ? source.indexOf("/./") : -1;
            var dropped = pivot < 0 ? "" : Names.clean(Names.ofText(source.substring(0, pivot)));
            var path = Names.clean(Names.ofText(source));
            for (var match : matches(tree, path)) {
                add(items, tree, match, choice.parents() ? Optional.of(dropped) : Optional.empty(), exclude);
            }
        }
        return items;
    }

    /// A pattern may fit nothing, as in BuildKit; a plain name may not.
    private static List<String> matches(FileTree tree, String path) {
        if (!PathPattern.isPattern(path)) return List.of(path);
        var glob = PathPattern.of(path);
        var matches = new ArrayList<String>();
        for (var name : tree.names()) {
            if (!name.isEmpty() && glob.fits(name)) matches.add(name);
        }
        return matches;
    }

    private static void add(List<Item> items, FileTree tree, String match, Optional<String> dropped, IgnoreFile exclude) {
        var real = tree.resolve(match);
        var node = tree.at(real).orElseThrow(() -> new IllegalArgumentException(
                "\"/%s\": not found: there is no such file or folder, or .dockerignore names it".formatted(Names.shown(match))));
        var under = dropped.map(from -> from.isEmpty() ? match
                : match.substring(Math.min(match.length(), from.length() + 1))).orElse("");
        if (!node.isFolder()) {
            if (exclude.ignores(LayerNames.last(match)) || exclude.ignores(match)) return;
            items.add(new Item(dropped.isPresent() ? under : LayerNames.last(match), node, dropped.isEmpty()));
            return;
        }
        items.add(new Item(under, node, false));
        tree.below(real).forEach((name, below) -> {
            var rest = real.isEmpty() ? name : name.substring(real.length() + 1);
            if (!exclude.ignores(rest)) items.add(new Item(LayerNames.join(under, rest), below, false));
        });
    }

    /// The files of the layer, each folder above them included, as it is there.
    ///
    /// @param target as written, variables filled in
    /// @param there what it is copied into
    /// @throws IllegalArgumentException a folder is where a file would be, or the other way round
    static List<Node> place(List<Item> items, String target, String workdir, FileTree there, Manner manner) {
        var path = Names.ofText(target.startsWith("/") ? target : workdir + "/" + target);
        boolean asFolder = target.endsWith("/") || target.equals(".") || target.endsWith("/.") || target.equals("..");
        long singles = items.stream().filter(Item::single).count();
        var entered = there.resolve(Names.clean(path));
        boolean isFolder = asFolder || there.at(entered).filter(Node::isFolder).isPresent();
        var base = isFolder || singles == 0 ? entered : there.resolveParent(Names.clean(path));
        if (singles > 1 && !isFolder) throw new IllegalArgumentException(CopyStep.SEVERAL);
        var layer = new TreeMap<String, Node>();
        for (var item : items) {
            var name = item.single() && !isFolder ? base : LayerNames.join(base, item.name());
            put(layer, name, item, there, manner);
        }
        addFolders(layer, there, manner);
        return List.copyOf(layer.values());
    }

    private static void put(Map<String, Node> layer, String name, Item item, FileTree there, Manner manner) {
        var old = there.at(name);
        if (item.node().isFolder()) {
            if (old.isPresent() && !old.get().isFolder()) throw new IllegalArgumentException(
                    "cannot copy a folder over '/%s', which is none".formatted(Names.shown(name)));
            // The folder that is entered stays as it is.
            if (old.isPresent() && item.name().isEmpty()) return;
        } else if (old.isPresent() && old.get().isFolder()) {
            throw new IllegalArgumentException("cannot copy a file over the folder '/%s'".formatted(Names.shown(name)));
        }
        layer.put(name, changed(item.node(), name, manner));
    }

    private static Node changed(Node node, String name, Manner manner) {
        var entry = node.entry();
        var old = entry.attributes();
        int mode = node.isLink() ? old.mode() : manner.mode().map(change -> change.apply(old.mode(), node.isFolder()))
                .orElse(old.mode());
        var attributes = new Attributes(mode, manner.owner().map(Owner::uid).orElse(old.uid()),
                manner.owner().map(Owner::gid).orElse(old.gid()),
                manner.epoch().map(epoch -> Math.min(epoch, old.mtime())).orElse(old.mtime()), old.xattrs());
        return new Node(new TarEntry(entry.type(), name, entry.linkName(), entry.size(), attributes, entry.device()),
                node.content());
    }

    /// Every folder on the way: without it the layer's would hide what it is below.
    private static void addFolders(TreeMap<String, Node> layer, FileTree there, Manner manner) {
        for (var name : List.copyOf(layer.keySet())) {
            for (var above = LayerNames.parent(name); !above.isEmpty() && !name.isEmpty(); above = LayerNames.parent(above)) {
                if (layer.containsKey(above)) {
                    if (!layer.get(above).isFolder()) throw new IllegalArgumentException(
                            "'/%s' is no folder".formatted(Names.shown(above)));
                    continue;
                }
                var old = there.at(above);
                if (old.isPresent() && !old.get().isFolder()) throw new IllegalArgumentException(
                        "'/%s' is no folder".formatted(Names.shown(above)));
                layer.put(above, old.isPresent() ? old.get() : folder(above, manner));
            }
        }
        layer.remove("");
    }

    /// A new folder, as `mkdir -p` makes it.
    static Node folder(String name, Manner manner) {
        var owner = manner.owner().orElse(Owner.ROOT);
        return new Node(new TarEntry(Type.DIRECTORY, name, "", 0, new Attributes(0755, owner.uid(), owner.gid(),
                manner.epoch().orElse(manner.now()), Map.of()), Device.NONE), Optional.empty());
    }

    /// What is to be copied, as far as it decides what becomes of it: everything but times.
    static Key key(Key key, List<Item> items) throws IOException {
        for (var item : items) {
            var entry = item.node().entry();
            var attributes = entry.attributes();
            key.add(item.name(), entry.type().name(), Boolean.toString(item.single()), entry.linkName(),
                    "%o %d %d %d %d:%d".formatted(attributes.mode(), attributes.uid(), attributes.gid(), entry.size(),
                            entry.device().major(), entry.device().minor()));
            attributes.xattrs().forEach(key::add);
            key.add(item.node().content().isPresent() ? item.node().content().get().digest() : "");
        }
        return key;
    }
}
