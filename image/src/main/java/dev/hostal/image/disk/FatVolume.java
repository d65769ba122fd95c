package dev.hostal.image.disk;

import static dev.hostal.base.Check.require;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A file system that firmware reads: FAT16 with short names, each file in one piece. Source: Microsoft, FAT32 File System
/// Specification 1.03; UEFI specification 2.10, 13.3.
final class FatVolume {
    /// Chosen: room for a distribution's kernel and initramfs several times over.
    static final long BYTES = 64L << 20;
    private static final int SECTOR = 512;
    private static final int CLUSTER = 4096;
    private static final int PER_CLUSTER = CLUSTER / SECTOR;
    private static final long SECTORS = BYTES / SECTOR;
    private static final int TABLE_SECTORS = 64;
    private static final int ROOT_ENTRIES = 512;
    private static final int ENTRY = 32;
    private static final int ROOT_SECTORS = ROOT_ENTRIES * ENTRY / SECTOR;
    private static final int ROOT_AT = 1 + 2 * TABLE_SECTORS;
    private static final int DATA_AT = ROOT_AT + ROOT_SECTORS;
    private static final int CLUSTERS = (int) ((SECTORS - DATA_AT) / PER_CLUSTER);
    private static final int LAST = 0xffff;
    private static final byte FOLDER = 0x10;
    private static final byte ARCHIVE = 0x20;
    private static final byte LABEL = 0x08;

    /// A folder or a file, with its name as on the disk: eleven letters.
    private static final class Node {
        final String name;
        final Map<String, Node> below = new TreeMap<>();
        final byte[] content;
        int cluster;

        Node(String name, byte[] content) {
            this.name = name;
            this.content = content;
        }

        boolean isFolder() {
            return content == null;
        }
    }

    private final int id;
    private final int time;
    private final int date;
    private final Node root = new Node("", null);
    private int next = 2;
    private final ByteBuffer table = ByteBuffer.allocate(TABLE_SECTORS * SECTOR).order(ByteOrder.LITTLE_ENDIAN);

    /// @param id its serial number
    /// @param made of all its files
    FatVolume(int id, Instant made) {
        this.id = id;
        var at = made.atOffset(ZoneOffset.UTC);
        // The first day that FAT knows.
        boolean early = at.getYear() < 1980;
        this.date = early ? 0x21 : at.getYear() - 1980 << 9 | at.getMonthValue() << 5 | at.getDayOfMonth();
        this.time = early ? 0 : at.getHour() << 11 | at.getMinute() << 5 | at.getSecond() / 2;
        table.putShort(0, (short) 0xfff8).putShort(2, (short) LAST);
    }

    /// @param path such as `EFI/BOOT/BOOTX64.EFI`: short names only
    void put(String path, byte[] content) {
        var folder = root;
        var names = path.split("/");
        for (int i = 0; i < names.length - 1; i++) folder = folder.below.computeIfAbsent(shortName(names[i]),
                name -> new Node(name, null));
        var name = shortName(names[names.length - 1]);
        folder.below.put(name, new Node(name, content));
    }

    private static String shortName(String name) {
        require(name.matches("[A-Z0-9]{1,8}(\\.[A-Z0-9]{1,3})?"), "'%s' is no short name of FAT", name);
        int dot = name.indexOf('.');
        return "%-8s%-3s".formatted(dot < 0 ? name : name.substring(0, dot), dot < 0 ? "" : name.substring(dot + 1));
    }

    /// @param first sector of the disk at which it begins
    /// @throws IOException what it is to hold does not fit
    void write(FileChannel disk, long first) throws IOException {
        place(root);
        put(disk, first, bootSector(first));
        put(disk, first + 1, table.duplicate());
        put(disk, first + 1 + TABLE_SECTORS, table.duplicate());
        put(disk, first + ROOT_AT, entries(root, 0));
        writeBelow(disk, first, root);
    }

    private void writeBelow(FileChannel disk, long first, Node folder) throws IOException {
        for (var node : folder.below.values()) {
            long at = first + DATA_AT + (long) (node.cluster - 2) * PER_CLUSTER;
            put(disk, at, node.isFolder() ? entries(node, folder.cluster) : ByteBuffer.wrap(node.content));
            if (node.isFolder()) writeBelow(disk, first, node);
        }
    }

    /// Gives each file its clusters, in the order of names.
    private void place(Node folder) throws IOException {
        for (var node : folder.below.values()) {
            long bytes = node.isFolder() ? CLUSTER : node.content.length;
            long count = Math.ceilDiv(bytes, CLUSTER);
            if (next + count > CLUSTERS + 2) {
                throw new IOException("kernel and boot loader do not fit into %d MiB".formatted(BYTES >> 20));
            }
            if (count > 0) node.cluster = next;
            for (long i = 1; i <= count; i++, next++) table.putShort(2 * next, (short) (i == count ? LAST : next + 1));
            if (node.isFolder()) place(node);
        }
    }

    private ByteBuffer bootSector(long first) {
        var sector = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        sector.put(new byte[] {(byte) 0xeb, 0x3c, (byte) 0x90}).put(ascii("HOSTAL  ")).putShort((short) SECTOR)
                .put((byte) PER_CLUSTER)
                .putShort((short) 1).put((byte) 2).putShort((short) ROOT_ENTRIES).putShort((short) 0).put((byte) 0xf8)
                .putShort((short) TABLE_SECTORS).putShort((short) 63).putShort((short) 255).putInt((int) first)
                .putInt((int) SECTORS)
                .put((byte) 0x80).put((byte) 0).put((byte) 0x29).putInt(id).put(ascii("BOOT       ")).put(ascii("FAT16   "));
        return sector.putShort(510, (short) 0xaa55).rewind();
    }

    private ByteBuffer entries(Node folder, int above) {
        var lines = new ArrayList<ByteBuffer>();
        if (folder == root) lines.add(entry("BOOT       ", LABEL, 0, 0));
        else lines.addAll(List.of(entry(".          ", FOLDER, folder.cluster, 0), entry("..         ", FOLDER, above, 0)));
        folder.below.values().forEach(node -> lines.add(entry(node.name, node.isFolder() ? FOLDER : ARCHIVE, node.cluster,
                node.isFolder() ? 0 : node.content.length)));
        var bytes = ByteBuffer.allocate(lines.size() * ENTRY);
        lines.forEach(bytes::put);
        return bytes.flip();
    }

    private ByteBuffer entry(String name, byte kind, int cluster, int length) {
        var entry = ByteBuffer.allocate(ENTRY).order(ByteOrder.LITTLE_ENDIAN);
        entry.put(ascii(name)).put(kind).put((byte) 0).put((byte) 0).putShort((short) time).putShort((short) date)
                .putShort((short) date)
                .putShort((short) 0).putShort((short) time).putShort((short) date).putShort((short) cluster).putInt(length);
        return entry.flip();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void put(FileChannel disk, long sector, ByteBuffer bytes) throws IOException {
        Gpt.put(disk, sector, bytes);
    }
}
