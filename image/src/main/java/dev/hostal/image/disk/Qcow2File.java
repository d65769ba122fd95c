package dev.hostal.image.disk;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The head of a qcow2 file that came from elsewhere: QEMU opens whatever other files it names, so that one which names
/// any is refused. Source: QEMU, docs/interop/qcow2.txt.
public final class Qcow2File {
    private static final int HEADER = 104;
    private static final int MAGIC = 0x514649fb;        // "QFI\xfb"
    private static final int OLD_VERSION = 2;
    private static final int VERSION = 3;
    /// Incompatible features that do no harm: not closed in good order (0), another compression than zlib (3).
    private static final long HARMLESS = 1 << 0 | 1 << 3;

    private Qcow2File() {}

    /// @return the size of the disk in it
    /// @throws IOException it is no such file, or stands on others; the message says in what way
    public static Bytes size(Path file) throws IOException {
        var header = ByteBuffer.allocate(HEADER);
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (header.hasRemaining() && channel.read(header, header.position()) >= 0) continue;
        }
        if (header.hasRemaining() || header.getInt(0) != MAGIC) throw new IOException("it is no qcow2 file");
        int version = header.getInt(4);
        if (version != OLD_VERSION && version != VERSION) throw new IOException("it is qcow2 of version " + version);
        if (header.getLong(8) != 0) throw new IOException("it stands on another file");
        if (header.getInt(32) != 0) throw new IOException("it is encrypted");
        if (version == VERSION && (header.getLong(72) & ~HARMLESS) != 0) {
            throw new IOException("its content lies elsewhere, or is damaged");
        }
        long size = header.getLong(24);
        if (size <= 0 || size > DiskMaker.SIZE_MAX.count()) throw new IOException("it says that it has %d bytes".formatted(size));
        return new Bytes(size);
    }
}
