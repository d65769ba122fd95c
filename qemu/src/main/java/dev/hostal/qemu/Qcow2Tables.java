package dev.hostal.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Where the content of a qcow2 file lies, checked against the file's length. QEMU reads what lies behind the
/// end of a base as zeros without a word. Source: QEMU, docs/interop/qcow2.txt.
final class Qcow2Tables {
    /// Bits 9 to 55 of an entry.
    private static final long OFFSET = 0x00ff_ffff_ffff_fe00L;
    private static final long COMPRESSED = 1L << 62;
    /// Tables that are read: those of 512 GiB with clusters of 64 KiB. What lies behind is taken as it is.
    private static final int TABLES_MAX = 1024;

    private Qcow2Tables() {}

    /// @throws IOException a part of the content lies outside of the file
    static void check(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var header = read(channel, 0, 104);
            int cluster = 1 << header.getInt(20);
            int entries = header.getInt(36);
            if (entries < 0 || entries > 4 << 20) throw new IOException("its first table makes no sense");
            var l1 = read(channel, header.getLong(40), 8 * entries);
            int tables = 0;
            for (int i = 0; i < entries && tables < TABLES_MAX; i++) {
                long offset = l1.getLong(8 * i) & OFFSET;
                if (offset == 0) continue;
                tables++;
                checkTable(channel, offset, cluster);
            }
        }
    }

    private static void checkTable(FileChannel channel, long offset, int cluster) throws IOException {
        long end = channel.size();
        if (offset % cluster != 0) throw new IOException("its tables make no sense");
        if (offset + cluster > end) throw new IOException("it is cut off");
        var table = read(channel, offset, cluster);
        for (int i = 0; i < cluster; i += 8) {
            long entry = table.getLong(i);
            if ((entry & COMPRESSED) != 0) continue;
            if ((entry & OFFSET) % cluster != 0) throw new IOException("its tables make no sense");
            if ((entry & OFFSET) >= end && (entry & OFFSET) != 0) throw new IOException("it is cut off");
        }
    }

    private static ByteBuffer read(FileChannel channel, long offset, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) <= 0) throw new IOException("it is cut off");
        }
        return buffer.flip();
    }
}
