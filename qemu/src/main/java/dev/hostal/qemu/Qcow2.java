package dev.hostal.qemu;

import static dev.hostal.base.Check.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// The header of a qcow2 file: enough to follow a chain of disks and to make an empty disk over another one
/// without a process. Source: QEMU, docs/interop/qcow2.txt.
///
/// @param backing as the file names it
record Qcow2(Bytes size, Optional<Path> backing) {
    private static final int MAGIC = 0x514649fb;        // "QFI\xfb"
    private static final int VERSION = 3;
    private static final int HEADER = 104;
    private static final int CLUSTER_BITS = 16;
    private static final int CLUSTER = 1 << CLUSTER_BITS;
    /// What one entry of the L1 table covers: a cluster full of L2 entries of 8 bytes.
    private static final long COVERED = (long) CLUSTER * (CLUSTER / 8);
    private static final int BACKING_FORMAT = 0xe2792aca;
    private static final long CORRUPT = 2;
    private static final String QCOW2 = "qcow2";
    private static final String RAW = "raw";
    private static final int BACKING_MAX = 1023;
    private static final int REFCOUNT_ORDER = 4;        // 16 bits

    /// Reads a header and checks that the tables it names lie within the file.
    ///
    /// @throws IOException it is no such file or a damaged one; the message says in what way
    static Qcow2 read(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var header = at(channel, 0, HEADER);
            if (header.remaining() < 72 || header.getInt(0) != MAGIC) throw new IOException("it is no qcow2 file");
            int version = header.getInt(4);
            if (version != 2 && version != VERSION) throw new IOException("it is qcow2 of version " + version);
            if (version == VERSION && header.remaining() < HEADER) throw new IOException("it is cut off");
            if (version == VERSION && (header.getLong(72) & CORRUPT) != 0) throw new IOException("QEMU marked it corrupt");
            checkTables(channel, header);
            return new Qcow2(new Bytes(header.getLong(24)), backing(channel, header.getLong(8), header.getInt(16)));
        } catch (IllegalArgumentException e) {
            throw new IOException("its header makes no sense: " + e.getMessage(), e);
        }
    }

    /// Writes an empty disk; where there is a base, over it. Nothing but its size is read through it.
    static void write(Path file, Bytes size, Optional<Path> backing) throws IOException {
        write(file, size, backing, false);
    }

    /// @param rawBacking the base is no qcow2 file
    static void write(Path file, Bytes size, Optional<Path> backing, boolean rawBacking) throws IOException {
        require(backing.isEmpty() || backing.get().isAbsolute(), "a base has an absolute path");
        int entries = (int) Math.ceilDiv(size.count(), COVERED);
        int l1Clusters = Math.ceilDiv(entries * 8, CLUSTER);
        int clusters = 3 + l1Clusters;                  // header, refcount table, refcount block, L1 table
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            write(channel, 0, header(size, entries, backing, rawBacking ? RAW : QCOW2));
            write(channel, CLUSTER, ByteBuffer.allocate(8).putLong(2L * CLUSTER).flip());
            var counts = ByteBuffer.allocate(2 * clusters);
            for (int i = 0; i < clusters; i++) {
                counts.putShort((short) 1);
            }
            write(channel, 2L * CLUSTER, counts.flip());
            // The L1 table is all zeros: a hole up to its last byte.
            write(channel, (long) clusters * CLUSTER - 1, ByteBuffer.allocate(1));
        }
    }

    private static ByteBuffer header(Bytes size, int entries, Optional<Path> backing, String format) {
        var name = backing.map(path -> path.toString().getBytes(UTF_8)).orElse(new byte[0]);
        require(name.length <= BACKING_MAX, "the path of a base has at most %d bytes", BACKING_MAX);
        var header = ByteBuffer.allocate(HEADER + 24 + name.length);
        long nameAt = name.length == 0 ? 0 : HEADER + 24;
        header.putInt(MAGIC).putInt(VERSION).putLong(nameAt).putInt(name.length).putInt(CLUSTER_BITS)
                .putLong(size.count()).putInt(0).putInt(entries).putLong(3L * CLUSTER).putLong(CLUSTER).putInt(1)
                .putInt(0).putLong(0).putLong(0).putLong(0).putLong(0).putInt(REFCOUNT_ORDER).putInt(HEADER);
        if (name.length > 0) {
            header.putInt(BACKING_FORMAT).putInt(format.length()).put(format.getBytes(UTF_8)).put(new byte[8 - format.length()]);
            header.putInt(0).putInt(0).put(name);
        }
        return header.rewind();
    }

    private static void checkTables(FileChannel channel, ByteBuffer header) throws IOException {
        int bits = header.getInt(20);
        if (bits < 9 || bits > 21) throw new IOException("its clusters have 2^" + bits + " bytes");
        long l1Bytes = Integer.toUnsignedLong(header.getInt(36)) * 8;
        long l1 = header.getLong(40);
        long counts = header.getLong(48);
        long end = channel.size();
        if (l1 < 0 || counts <= 0 || l1 + l1Bytes > end || counts >= end) throw new IOException("it is cut off");
        if (header.getLong(24) < 0) throw new IOException("its size is negative");
    }

    private static Optional<Path> backing(FileChannel channel, long offset, int length) throws IOException {
        if (offset == 0) return Optional.empty();
        if (offset < 0 || length < 1 || length > BACKING_MAX) throw new IOException("the name of its base is damaged");
        var name = at(channel, offset, length);
        if (name.remaining() < length) throw new IOException("it is cut off");
        return Optional.of(Path.of(UTF_8.decode(name).toString()));
    }

    private static ByteBuffer at(FileChannel channel, long offset, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
            continue;
        }
        return buffer.flip();
    }

    private static void write(FileChannel channel, long offset, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes, offset + bytes.position());
        }
    }
}
