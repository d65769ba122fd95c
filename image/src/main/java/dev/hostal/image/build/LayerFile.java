package dev.hostal.image.build;

import dev.hostal.base.Deadline;
import dev.hostal.image.build.FileTree.Node;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import dev.hostal.oci.layer.LayerNames;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import dev.hostal.oci.layer.TarReader;
import dev.hostal.oci.layer.TarWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Writes the plain tar of a new layer.
final class LayerFile {
    private static final String OVERLAY = "trusted.overlay.";
    private static final String OPAQUE = "trusted.overlay.opaque";
    /// What is mounted in every container: what is there is the runtime's, not the program's.
    private static final List<String> MOUNTED = List.of("dev", "proc", "sys");
    private static final Set<String> MOUNTED_FILES = Set.of("etc/hostname", "etc/hosts", "etc/resolv.conf", ".dockerenv");

    private LayerFile() {}

    /// @return how many files there are
    static int write(List<Node> nodes, Path tar) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(tar), 256 << 10)) {
            write(nodes, out);
        }
        return nodes.size();
    }

    /// Writes an archive, and leaves the stream open.
    static void write(List<Node> nodes, OutputStream out) throws IOException {
        var writer = new TarWriter(out);
        for (var node : nodes) {
            var entry = node.entry();
            writer.begin(entry.type() == Type.DIRECTORY ? named(entry, entry.name() + "/") : entry);
            if (node.content().isEmpty()) continue;
            try (var in = node.content().get().open()) {
                copy(in, out, entry.size());
            }
            writer.endContent(entry.size());
        }
        writer.finish();
    }

    private static TarEntry named(TarEntry entry, String name) {
        return Spool.named(entry, name);
    }

    private static void copy(InputStream in, OutputStream out, long size) throws IOException {
        var buffer = new byte[64 << 10];
        for (long left = size; left > 0; ) {
            int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (count < 0) throw new IOException("a file became shorter while it was copied");
            out.write(buffer, 0, count);
            left -= count;
        }
    }

    /// Writes what lies in the upper folder of an overlay, its whiteouts as OCI has them.
    ///
    /// @param targets where something was mounted
    /// @param epoch the newest time that a file has
    /// @return how many files there are
    static int writeUpper(Path upper, Set<String> targets, Optional<Long> epoch, Path tar, Processes processes, Deadline deadline)
            throws IOException, InterruptedException {
        int[] count = {0};
        var command = Command.of("tar", "-C", upper.toString(), "--sort=name", "--numeric-owner", "--format=posix", "--xattrs",
                "--xattrs-include=*", "--no-wildcards", "-cf", "-", ".");
        try (var out = new BufferedOutputStream(Files.newOutputStream(tar), 256 << 10)) {
            var writer = new TarWriter(out);
            processes.run(command.withStdoutTo(stdout -> count[0] = rewrite(stdout, writer, out, targets, epoch)), deadline)
                    .orThrow("reading what a step has written");
            writer.finish();
        }
        return count[0];
    }

    /// A folder is written when something in it is, or when it is more than a place to mount at.
    private static int rewrite(InputStream stdout, TarWriter writer, OutputStream out, Set<String> targets, Optional<Long> epoch)
            throws IOException {
        var reader = new TarReader(stdout);
        int count = 0;
        var held = new TreeMap<String, TarEntry>();
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var entry = next.get();
            var name = Names.clean(entry.name());
            if (name.isEmpty() || isMounted(name) || targets.contains(name)) continue;
            // Those that are held and do not hold this one are done with.
            held.keySet().removeIf(folder -> !name.startsWith(folder + "/"));
            boolean opaque = entry.attributes().xattrs().containsKey(OPAQUE);
            var plain = changed(entry, epoch);
            if (entry.type() == Type.DIRECTORY && !opaque && mayBeMade(name, plain, targets)) {
                held.put(name, plain);
                continue;
            }
            for (var folder : held.entrySet()) {
                writer.begin(named(folder.getValue(), folder.getKey() + "/"));
                count++;
            }
            held.clear();
            count++;
            if (entry.type() == Type.CHARACTER_DEVICE && entry.device().equals(Device.NONE)) {
                writer.begin(file(LayerNames.join(LayerNames.parent(name), ".wh." + LayerNames.last(name)), plain.attributes()));
                continue;
            }
            boolean folder = entry.type() == Type.DIRECTORY;
            var shown = entry.type() == Type.HARD_LINK
                    ? new TarEntry(Type.HARD_LINK, name, Names.clean(entry.linkName()), 0, plain.attributes(), Device.NONE)
                    : named(plain, folder ? name + "/" : name);
            writer.begin(shown);
            if (entry.type() == Type.FILE) {
                reader.copyContent(out);
                writer.endContent(entry.size());
            }
            if (opaque) writer.begin(file(name + "/.wh..wh..opq", plain.attributes()));
        }
        return count;
    }

    private static boolean isMounted(String name) {
        return MOUNTED_FILES.contains(name) || MOUNTED.stream().anyMatch(top -> name.equals(top) || name.startsWith(top + "/"));
    }

    /// Whether the runtime may have made the folder only because something is mounted below.
    private static boolean mayBeMade(String name, TarEntry entry, Set<String> targets) {
        boolean usual = entry.attributes().mode() == 0755 && entry.attributes().uid() == 0 && entry.attributes().gid() == 0;
        return usual && (name.equals("etc") || targets.stream().anyMatch(target -> target.startsWith(name + "/")));
    }

    private static TarEntry changed(TarEntry entry, Optional<Long> epoch) {
        var old = entry.attributes();
        var xattrs = new TreeMap<>(old.xattrs());
        xattrs.keySet().removeIf(key -> key.startsWith(OVERLAY));
        long mtime = epoch.map(newest -> Math.min(newest, old.mtime())).orElse(old.mtime());
        return new TarEntry(entry.type(), entry.name(), entry.linkName(), entry.size(),
                new Attributes(old.mode(), old.uid(), old.gid(), mtime, xattrs), entry.device());
    }

    private static TarEntry file(String name, Attributes like) {
        return new TarEntry(Type.FILE, name, "", 0, new Attributes(0, 0, 0, like.mtime(), Map.of()), Device.NONE);
    }
}
