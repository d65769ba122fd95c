package dev.hostal.docker;

import dev.hostal.docker.buildkit.GoMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// A tar archive whose first entry has been looked at. Source: POSIX pax(1), ustar interchange format.
final class TarHead implements AutoCloseable {
    private static final int BLOCK = 512;
    /// Most of extended headers that are looked at before the first entry itself.
    private static final int AHEAD = 64 << 10;

    /// The first entry.
    record Entry(char type, long mode, long size, Instant modified, String link) {
        long goMode() {
            return GoMode.of(mode) | switch (type) {
                case '5' -> GoMode.DIRECTORY;
                case '2' -> GoMode.SYMLINK;
                case '3' -> GoMode.DEVICE | GoMode.CHARACTER;
                case '4' -> GoMode.DEVICE;
                case '6' -> GoMode.PIPE;
                default -> 0;
            };
        }
    }

    private final InputStream stream;
    private final Entry first;

    private TarHead(InputStream stream, Entry first) {
        this.stream = stream;
        this.first = first;
    }

    /// @throws IOException the archive is none, or ends too early
    static TarHead of(InputStream tar) throws IOException {
        var stream = new PushbackInputStream(tar, AHEAD);
        var seen = new byte[AHEAD];
        int used = 0;
        while (used + BLOCK <= AHEAD) {
            if (stream.readNBytes(seen, used, BLOCK) < BLOCK) throw new IOException("the archive is empty");
            char type = (char) seen[used + 156];
            long size = octal(seen, used + 124, 12);
            used += BLOCK;
            if (type != 'x' && type != 'g' && type != 'L' && type != 'K') {
                var entry = new Entry(type, octal(seen, used - BLOCK + 100, 8), type == '0' || type == 0 ? size : 0,
                        Instant.ofEpochSecond(octal(seen, used - BLOCK + 136, 12)), text(seen, used - BLOCK + 157, 100));
                stream.unread(seen, 0, used);
                return new TarHead(stream, entry);
            }
            int padded = (int) Math.min(AHEAD, (size + BLOCK - 1) / BLOCK * BLOCK);
            if (used + padded > AHEAD) break;
            if (stream.readNBytes(seen, used, padded) < padded) throw new IOException("the archive ends in a header");
            used += padded;
        }
        throw new IOException("the first entry of the archive has longer headers than %d bytes".formatted(AHEAD));
    }

    Entry first() {
        return first;
    }

    int read(byte[] piece) throws IOException {
        return stream.read(piece);
    }

    @Override public void close() throws IOException {
        stream.close();
    }

    private static long octal(byte[] bytes, int offset, int length) {
        long value = 0;
        if ((bytes[offset] & 0x80) != 0) {
            for (int i = 1; i < length; i++) value = value << 8 | bytes[offset + i] & 0xff;
            return value;
        }
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '7') value = value << 3 | bytes[i] - '0';
        }
        return value;
    }

    private static String text(byte[] bytes, int offset, int length) {
        int end = offset;
        while (end < offset + length && bytes[end] != 0) end++;
        return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
    }
}
