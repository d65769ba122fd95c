package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.ProtoReader;
import dev.hostal.docker.grpc.ProtoWriter;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A file as fsutil tells of it; names are bytes as ISO 8859-1, as in archives.
///
/// Source: tonistiigi/fsutil, types/stat.proto.
///
/// @param mode see [GoMode]
/// @param linkName target of a symbolic link; of a regular file: the file before that it is a hard link to
/// @param mtime in nanoseconds since 1970
record FileStat(String path, long mode, long uid, long gid, long size, long mtime, String linkName, int major, int minor,
        Map<String, byte[]> xattrs) {
    private static final long NANOS = 1_000_000_000L;

    /// Whether it has content that can be asked for.
    boolean isFile() {
        return GoMode.isFile(mode);
    }

    boolean isHardLink() {
        return isFile() && !linkName.isEmpty();
    }

    static FileStat parse(ProtoReader in) throws GrpcException {
        var path = "";
        var linkName = "";
        long mode = 0;
        long uid = 0;
        long gid = 0;
        long size = 0;
        long mtime = 0;
        long major = 0;
        long minor = 0;
        var xattrs = new TreeMap<String, byte[]>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> path = name(in);
                case 2 -> mode = in.number() & 0xffff_ffffL;
                case 3 -> uid = in.number() & 0xffff_ffffL;
                case 4 -> gid = in.number() & 0xffff_ffffL;
                case 5 -> size = in.number();
                case 6 -> mtime = in.number();
                case 7 -> linkName = name(in);
                case 8 -> major = in.number();
                case 9 -> minor = in.number();
                case 10 -> {
                    var entry = in.entry();
                    xattrs.put(entry.getKey(), entry.getValue());
                }
                default -> { }
            }
        }
        return new FileStat(path, mode, uid, gid, size, mtime, linkName, (int) major, (int) minor, xattrs);
    }

    private static String name(ProtoReader in) throws GrpcException {
        return new String(in.bytes(), StandardCharsets.ISO_8859_1);
    }

    ProtoWriter toProto() {
        return new ProtoWriter().bytes(1, path.getBytes(StandardCharsets.ISO_8859_1)).number(2, mode).number(3, uid)
                .number(4, gid)
                .number(5, size).number(6, mtime).bytes(7, linkName.getBytes(StandardCharsets.ISO_8859_1))
                .number(8, major).number(9, minor);
    }

    /// The same in an archive, with that length; empty for what archives do not have.
    Optional<TarEntry> toEntry(long length) {
        if (has(GoMode.SOCKET) || has(GoMode.IRREGULAR)) return Optional.empty();
        Type type;
        if (has(GoMode.DIRECTORY)) type = Type.DIRECTORY;
        else if (has(GoMode.SYMLINK)) type = Type.SYMBOLIC_LINK;
        else if (has(GoMode.PIPE)) type = Type.FIFO;
        else if (has(GoMode.CHARACTER)) type = Type.CHARACTER_DEVICE;
        else if (has(GoMode.DEVICE)) type = Type.BLOCK_DEVICE;
        else type = isHardLink() ? Type.HARD_LINK : Type.FILE;
        var shown = new TreeMap<String, String>();
        xattrs.forEach((name, value) -> shown.put(name, new String(value, StandardCharsets.ISO_8859_1)));
        return Optional.of(new TarEntry(type, type == Type.DIRECTORY ? path + "/" : path, linkName,
                type == Type.FILE ? length : 0,
                new Attributes(GoMode.toUnix(mode), uid, gid, Math.floorDiv(mtime, NANOS), shown),
                new Device(major, minor)));
    }

    private boolean has(long bit) {
        return (mode & bit) != 0;
    }

    /// @param path without slashes at its ends
    static FileStat of(TarEntry entry, String path) {
        var old = entry.attributes();
        long mode = GoMode.of(old.mode()) | switch (entry.type()) {
            case FILE, HARD_LINK -> 0;
            case DIRECTORY -> GoMode.DIRECTORY;
            case SYMBOLIC_LINK -> GoMode.SYMLINK | 0777;
            case CHARACTER_DEVICE -> GoMode.DEVICE | GoMode.CHARACTER;
            case BLOCK_DEVICE -> GoMode.DEVICE;
            case FIFO -> GoMode.PIPE;
        };
        return new FileStat(path, mode, old.uid(), old.gid(), entry.size(), old.mtime() * NANOS, entry.linkName(),
                entry.device().major(), entry.device().minor(), Map.of());
    }
}
