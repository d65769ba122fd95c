package dev.hostal.image.disk;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads a file from FAT16 by what the boot sector says, and nothing that the writer knows.
final class FatReader {
    private final ByteBuffer volume;
    private final int perCluster;
    private final int tableAt;
    private final int rootAt;
    private final int rootBytes;

    private FatReader(ByteBuffer volume) {
        this.volume = volume;
        int sector = volume.getShort(11);
        this.perCluster = volume.get(13) * sector;
        this.tableAt = volume.getShort(14) * sector;
        this.rootAt = tableAt + volume.get(16) * volume.getShort(22) * sector;
        this.rootBytes = volume.getShort(17) * 32;
    }

    static byte[] read(byte[] disk, long offset, String path) {
        var reader = new FatReader(ByteBuffer.wrap(disk, (int) offset, disk.length - (int) offset).slice()
                .order(ByteOrder.LITTLE_ENDIAN));
        var names = path.split("/");
        var folder = new byte[reader.rootBytes];
        reader.volume.get(reader.rootAt, folder);
        for (int i = 0; ; i++) {
            var found = find(folder, names[i]);
            var content = reader.clusters(Short.toUnsignedInt(found.getShort(26)));
            if (i == names.length - 1) return Arrays.copyOf(content, found.getInt(28));
            folder = content;
        }
    }

    private static ByteBuffer find(byte[] folder, String name) {
        for (int at = 0; at < folder.length && folder[at] != 0; at += 32) {
            var base = new String(folder, at, 8, StandardCharsets.US_ASCII).strip();
            var extension = new String(folder, at + 8, 3, StandardCharsets.US_ASCII).strip();
            if ((extension.isEmpty() ? base : base + "." + extension).equals(name)) {
                return ByteBuffer.wrap(folder, at, 32).slice().order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        throw new AssertionError("there is no " + name);
    }

    private byte[] clusters(int first) {
        var all = new ByteArrayOutputStream();
        for (int at = first; at >= 2 && at < 0xfff8; at = Short.toUnsignedInt(volume.getShort(tableAt + 2 * at))) {
            var cluster = new byte[perCluster];
            volume.get(rootAt + rootBytes + (at - 2) * perCluster, cluster);
            all.writeBytes(cluster);
        }
        return all.toByteArray();
    }
}
