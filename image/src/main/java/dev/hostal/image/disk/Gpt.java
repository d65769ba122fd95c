package dev.hostal.image.disk;

import static dev.hostal.base.Check.require;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;

/// A partition table with sectors of 512 bytes, and the MBR that tells older programs to leave the disk alone.
/// Source: UEFI specification 2.10, chapter 5.
///
/// @param sectors of the whole disk
record Gpt(UUID id, long sectors, List<Partition> partitions) {
    static final int SECTOR = 512;
    private static final int ENTRIES = 128;
    private static final int ENTRY = 128;
    private static final int TABLE_SECTORS = ENTRIES * ENTRY / SECTOR;
    /// The last ones are the table's second copy and its header.
    static final int SECTORS_AT_END = TABLE_SECTORS + 1;
    private static final int HEADER = 92;

    /// @param type from the specification, or from the Discoverable Partitions Specification
    /// @param first its first sector
    record Partition(UUID type, UUID id, long first, long sectors, String name) {
        long last() {
            return first + sectors - 1;
        }
    }

    Gpt {
        partitions = List.copyOf(partitions);
        require(partitions.size() <= ENTRIES, "a table has at most %d partitions", ENTRIES);
        for (var partition : partitions) {
            require(partition.first > TABLE_SECTORS + 1 && partition.last() < sectors - SECTORS_AT_END,
                    "partition %s lies on the disk", partition.name);
        }
    }

    /// @param bootCode what a BIOS runs, of its first sector; 440 bytes at most
    void write(FileChannel disk, byte[] bootCode) throws IOException {
        var table = table();
        put(disk, 0, mbr(bootCode));
        put(disk, 1, header(1, sectors - 1, 2, table));
        put(disk, 2, table.duplicate());
        put(disk, sectors - 1 - TABLE_SECTORS, table.duplicate());
        put(disk, sectors - 1, header(sectors - 1, 1, sectors - 1 - TABLE_SECTORS, table));
    }

    private ByteBuffer mbr(byte[] bootCode) {
        require(bootCode.length <= 440, "boot code has at most 440 bytes");
        var mbr = sector(SECTOR).put(bootCode);
        mbr.position(446).put((byte) 0).put(new byte[] {0, 2, 0}).put((byte) 0xee).put(new byte[] {-1, -1, -1})
                .putInt(1).putInt((int) Math.min(sectors - 1, 0xffff_ffffL));
        return mbr.putShort(510, (short) 0xaa55).rewind();
    }

    private ByteBuffer table() {
        var table = sector(ENTRIES * ENTRY);
        for (int i = 0; i < partitions.size(); i++) {
            var partition = partitions.get(i);
            table.position(i * ENTRY);
            put(table, partition.type);
            put(table, partition.id);
            table.putLong(partition.first).putLong(partition.last()).putLong(0)
                    .put(partition.name.getBytes(StandardCharsets.UTF_16LE));
        }
        return table.rewind();
    }

    private ByteBuffer header(long here, long other, long tableAt, ByteBuffer table) {
        var header = sector(SECTOR).put("EFI PART".getBytes(StandardCharsets.US_ASCII)).putInt(0x10000).putInt(HEADER)
                .putInt(0).putInt(0)
                .putLong(here).putLong(other).putLong(2 + TABLE_SECTORS).putLong(sectors - 1 - SECTORS_AT_END);
        put(header, id);
        header.putLong(tableAt).putInt(ENTRIES).putInt(ENTRY).putInt(crc(table.duplicate()));
        return header.putInt(16, crc(header.duplicate().position(0).limit(HEADER))).rewind();
    }

    private static int crc(ByteBuffer bytes) {
        var crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /// The first three fields are little-endian, the others bytes.
    private static void put(ByteBuffer at, UUID uuid) {
        long high = uuid.getMostSignificantBits();
        at.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
        for (int shift = 56; shift >= 0; shift -= 8) at.put((byte) (uuid.getLeastSignificantBits() >>> shift));
    }

    private static ByteBuffer sector(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static void put(FileChannel disk, long sector, ByteBuffer bytes) throws IOException {
        for (long at = sector * SECTOR; bytes.hasRemaining();) at += disk.write(bytes, at);
    }
}
