package dev.hostal.oci.layer;

import java.util.Map;
import java.util.TreeMap;

/// The header of one entry of a tar archive.
///
/// @param name as it stands in the archive; bytes as ISO 8859-1
/// @param linkName target of a link; empty for everything else
/// @param size of the content that follows; 0 for everything but files
public record TarEntry(Type type, String name, String linkName, long size, Attributes attributes, Device device) {
    /// What an entry is, with its `typeflag`.
    public enum Type {
        FILE('0'), HARD_LINK('1'), SYMBOLIC_LINK('2'), CHARACTER_DEVICE('3'), BLOCK_DEVICE('4'), DIRECTORY('5'),
        FIFO('6');

        private final char flag;

        Type(char flag) {
            this.flag = flag;
        }

        char flag() {
            return flag;
        }

        boolean isDevice() {
            return this == CHARACTER_DEVICE || this == BLOCK_DEVICE;
        }
    }

    /// @param mode permission bits with setuid, setgid and sticky
    /// @param mtime seconds since 1970
    /// @param xattrs extended attributes by name; values are bytes as ISO 8859-1
    public record Attributes(int mode, long uid, long gid, long mtime, Map<String, String> xattrs) {
        /// Of a folder that only the names of its content imply.
        public static final Attributes IMPLIED_DIRECTORY = new Attributes(0755, 0, 0, 0, Map.of());

        public Attributes {
            xattrs = Map.copyOf(xattrs);
        }

        Attributes withXattr(String name, String value) {
            var all = new TreeMap<>(xattrs);
            all.put(name, value);
            return new Attributes(mode, uid, gid, mtime, all);
        }
    }

    /// Numbers of a device node.
    public record Device(int major, int minor) {
        public static final Device NONE = new Device(0, 0);
    }

    static TarEntry directory(String name, Attributes attributes) {
        return new TarEntry(Type.DIRECTORY, name, "", 0, attributes, Device.NONE);
    }

    TarEntry named(String other) {
        return new TarEntry(type, other, linkName, size, attributes, device);
    }

    TarEntry linkedTo(String target) {
        return new TarEntry(type, name, target, size, attributes, device);
    }

    TarEntry with(Attributes others) {
        return new TarEntry(type, name, linkName, size, others, device);
    }
}
