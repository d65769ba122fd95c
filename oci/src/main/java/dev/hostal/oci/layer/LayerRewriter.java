package dev.hostal.oci.layer;

import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Turns the tar of one layer into the tar of a file system that overlayfs takes as a lower layer: `.wh.name`
/// becomes a character device 0:0, `.wh..wh..opq` the attribute `trusted.overlay.opaque` of its folder.
///
/// Folders and whiteouts are written last, when everything about them is known: an opaque marker may stand
/// after its folder, and a whiteout together with what replaces it. Nothing else is held in memory.
///
/// A folder that only the names of its content imply belongs to root with mode 0755.
/// Source: OCI image-spec, layer.md, "Whiteouts"; Linux, filesystems/overlayfs.rst, "whiteouts and opaque directories".
public final class LayerRewriter {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    // Other names that begin so are AUFS's own records, of no meaning to anybody else.
    private static final String AUFS = ".wh..wh.";
    private static final String OVERLAY_XATTRS = "trusted.overlay.";
    private static final String OPAQUE_XATTR = OVERLAY_XATTRS + "opaque";
    private static final long ID_MAX = 0xffff_ffffL;

    private final LayerLimits limits;
    private final Survey survey;
    private final InterestingPaths paths = new InterestingPaths();
    private final Map<String, Attributes> folders = new LinkedHashMap<>();
    private final Set<String> impliedFolders = new HashSet<>();
    private final Set<String> others = new HashSet<>();
    private final Set<String> whiteouts = new HashSet<>();
    private final Set<String> opaques = new HashSet<>();
    private final Map<String, String> hardLinks = new HashMap<>();
    private long content;
    private int entries;

    /// @param survey of the same layer; [Survey#NONE] to find out whether one is needed
    public LayerRewriter(LayerLimits limits, Survey survey) {
        this.limits = limits;
        this.survey = survey;
    }

    /// Reads the archive up to its end mark and writes the other one. Used once.
    ///
    /// @throws RepeatedEntryException a name stands twice and the survey did not know
    /// @throws BadLayerException the layer is damaged, or does what no layer may do
    public LayerFacts rewrite(InputStream tar, OutputStream out) throws IOException {
        var reader = new TarReader(tar);
        var writer = new TarWriter(out);
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            if (++entries > limits.entries()) {
                throw new BadLayerException("the layer has more than %d entries".formatted(limits.entries()));
            }
            var entry = next.get();
            var name = LayerNames.normal(entry.name());
            if (survey.isReplacedLater(name, entries)) continue;
            take(checked(entry.named(name)), reader, writer, out);
        }
        checkHardLinks();
        writeWhiteouts(writer);
        writeFolders(writer);
        writer.finish();
        return paths.facts(entries);
    }

    private void take(TarEntry entry, TarReader reader, TarWriter writer, OutputStream out) throws IOException {
        var last = LayerNames.last(entry.name());
        var folder = LayerNames.parent(entry.name());
        if (last.equals(OPAQUE)) {
            opaques.add(folder);
            paths.remove(folder);
        } else if (last.startsWith(WHITEOUT)) {
            if (last.startsWith(AUFS)) return;
            if (last.length() == WHITEOUT.length()) throw new BadLayerException("a whiteout names nothing");
            whiteouts.add(LayerNames.normal(LayerNames.join(folder, last.substring(WHITEOUT.length()))));
        } else if (entry.type() == Type.DIRECTORY) {
            addFolders(entry.name());
            folders.put(entry.name(), entry.attributes());
            paths.find(entry.name(), "");
        } else {
            addOther(entry);
            writer.begin(entry);
            reader.copyContent(out);
            writer.endContent(entry.size());
            paths.find(entry.name(), entry.linkName());
        }
    }

    private void addOther(TarEntry entry) throws IOException {
        if (entry.name().isEmpty()) throw new BadLayerException("the root of the layer is no folder");
        addFolders(LayerNames.parent(entry.name()));
        if (impliedFolders.contains(entry.name())) throw twoThings(entry.name());
        if (!others.add(entry.name())) throw new RepeatedEntryException();
        if (entry.type() == Type.HARD_LINK) hardLinks.put(entry.name(), entry.linkName());
        content = Math.addExact(content, entry.size());
        if (content > limits.content().count()) {
            throw new BadLayerException("the layer holds more than %s".formatted(limits.content()));
        }
    }

    /// Notes a folder and all above it, none of which may be something else: a link in their place would be
    /// followed, and lead anywhere.
    private void addFolders(String name) throws IOException {
        for (var folder = name; !folder.isEmpty(); folder = LayerNames.parent(folder)) {
            if (others.contains(folder)) throw twoThings(folder);
            if (!impliedFolders.add(folder)) return;
        }
    }

    // A later entry may have replaced the earlier one, which only a survey tells.
    private IOException twoThings(String name) {
        return survey.isKnown()
                ? new BadLayerException("'%s' is a folder and something else in one layer".formatted(
                        LayerNames.shown(name)))
                : new RepeatedEntryException();
    }

    private static TarEntry checked(TarEntry entry) throws BadLayerException {
        var attributes = entry.attributes();
        if (attributes.uid() < 0 || attributes.uid() > ID_MAX || attributes.gid() < 0 || attributes.gid() > ID_MAX) {
            throw new BadLayerException("'%s' has an owner that Linux cannot have".formatted(
                    LayerNames.shown(entry.name())));
        }
        var plain = entry.with(new Attributes(attributes.mode(), attributes.uid(), attributes.gid(),
                Math.clamp(attributes.mtime(), 0, ID_MAX), kept(attributes.xattrs())));
        return switch (entry.type()) {
            case HARD_LINK -> plain.linkedTo(hardLinkTarget(entry));
            case SYMBOLIC_LINK -> {
                if (entry.linkName().isEmpty() || entry.linkName().indexOf('\0') >= 0
                        || entry.linkName().length() >= 4096) {
                    throw new BadLayerException("the link '%s' leads nowhere".formatted(
                            LayerNames.shown(entry.name())));
                }
                yield plain;
            }
            case FILE, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO -> plain;
        };
    }

    private static String hardLinkTarget(TarEntry entry) throws BadLayerException {
        var target = LayerNames.normal(entry.linkName());
        if (target.isEmpty() || target.equals(entry.name())) {
            throw new BadLayerException("the hard link '%s' has no target".formatted(
                    LayerNames.shown(entry.name())));
        }
        return target;
    }

    /// What squashfs can hold, without overlayfs's own: a stranger's redirect would point anywhere.
    private static Map<String, String> kept(Map<String, String> xattrs) {
        if (xattrs.isEmpty()) return xattrs;
        var kept = new TreeMap<String, String>();
        xattrs.forEach((name, value) -> {
            boolean holds = name.startsWith("user.") || name.startsWith("security.") || name.startsWith("trusted.");
            if (holds && !name.startsWith(OVERLAY_XATTRS)) kept.put(name, value);
        });
        return kept;
    }

    private void checkHardLinks() throws BadLayerException {
        for (var name : hardLinks.keySet()) {
            var target = name;
            // As many steps as there are links: more would be a circle.
            for (int steps = 0; hardLinks.containsKey(target); steps++) {
                if (steps > hardLinks.size()) {
                    throw new BadLayerException("the hard link '%s' leads to itself".formatted(
                            LayerNames.shown(name)));
                }
                target = hardLinks.get(target);
            }
            if (!others.contains(target)) {
                throw new BadLayerException("the hard link '%s' leads to '%s', which is no file of the layer"
                        .formatted(LayerNames.shown(name), LayerNames.shown(target)));
            }
        }
    }

    private void writeWhiteouts(TarWriter writer) throws IOException {
        for (var name : whiteouts) {
            paths.remove(name);
            if (others.contains(name)) continue;           // What is there hides the lower one by itself.
            if (impliedFolders.contains(name)) {
                opaques.add(name);
                continue;
            }
            addFolders(LayerNames.parent(name));
            writer.begin(new TarEntry(Type.CHARACTER_DEVICE, name, "", 0,
                    new Attributes(0, 0, 0, 0, Map.of()), Device.NONE));
        }
    }

    private void writeFolders(TarWriter writer) throws IOException {
        for (var name : opaques) {
            // overlayfs never looks at the attributes of a root: whoever stacks the layers leaves lower ones out.
            if (name.isEmpty()) continue;
            addFolders(name);
            folders.merge(name, Attributes.IMPLIED_DIRECTORY.withXattr(OPAQUE_XATTR, "y"),
                    (explicit, _) -> explicit.withXattr(OPAQUE_XATTR, "y"));
        }
        for (var folder : folders.entrySet()) {
            writer.begin(TarEntry.directory(folder.getKey().isEmpty() ? "./" : folder.getKey(), folder.getValue()));
        }
    }
}
