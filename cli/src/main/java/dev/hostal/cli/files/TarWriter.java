package dev.hostal.cli.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Writes a tar archive: ustar headers, with a pax header before what does not fit them.
public final class TarWriter implements AutoCloseable {
    static final int BLOCK = 512;
    /// Largest size in the twelve octal digits of a header.
    private static final long SIZE_MAX = 077777777777L;
    private static final int NAME_MAX = 100;
    /// Largest number of a user in seven octal digits.
    private static final long ID_MAX = 07777777;

    private final OutputStream out;
    private final byte[] buffer = new byte[64 << 10];

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /// Writes an entry and its content.
    ///
    /// @param content exactly as long as the entry says; ignored where that is 0
    /// @throws EOFException the content is shorter: the file was changed meanwhile
    public void write(TarEntry entry, InputStream content) throws IOException {
        boolean bareFolder = entry.type() == TarEntry.Type.FOLDER && !entry.path().endsWith("/");
        var path = entry.path() + (bareFolder ? "/" : "");
        var pax = new StringBuilder();
        if (!fits(path)) append(pax, "path", path);
        if (!fits(entry.link())) append(pax, "linkpath", entry.link());
        if (entry.size() > SIZE_MAX) append(pax, "size", String.valueOf(entry.size()));
        long user = Integer.toUnsignedLong(entry.owner().user());
        long group = Integer.toUnsignedLong(entry.owner().group());
        if (user > ID_MAX) append(pax, "uid", String.valueOf(user));
        if (group > ID_MAX) append(pax, "gid", String.valueOf(group));
        if (!pax.isEmpty()) {
            var bytes = pax.toString().getBytes(StandardCharsets.UTF_8);
            out.write(header("PaxHeader", 'x', new TarEntry("", TarEntry.Type.FILE, "", 0644, bytes.length, entry.mtime())));
            out.write(bytes);
            pad(bytes.length);
        }
        out.write(header(path, entry.type().flag(), entry));
        copy(content, entry);
        pad(entry.size());
    }

    private void copy(InputStream content, TarEntry entry) throws IOException {
        long left = entry.size();
        while (left > 0) {
            int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) throw new EOFException("%s became shorter while it was copied".formatted(entry.path()));
            out.write(buffer, 0, count);
            left -= count;
        }
    }

    private static boolean fits(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= NAME_MAX && bytes.length == text.length();
    }

    /// One record of a pax header: its own length in decimal, a space, the pair, a newline.
    private static void append(StringBuilder pax, String key, String value) {
        int rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8).length;
        int length = rest + String.valueOf(rest).length();
        if (String.valueOf(length).length() > String.valueOf(rest).length()) length++;
        pax.append(length).append(' ').append(key).append('=').append(value).append('\n');
    }

    private static byte[] header(String path, char type, TarEntry entry) {
        var block = new byte[BLOCK];
        text(block, 0, NAME_MAX, path);
        octal(block, 100, 8, entry.mode());
        octal(block, 108, 8, Math.min(Integer.toUnsignedLong(entry.owner().user()), ID_MAX));
        octal(block, 116, 8, Math.min(Integer.toUnsignedLong(entry.owner().group()), ID_MAX));
        octal(block, 124, 12, Math.min(entry.size(), SIZE_MAX));
        octal(block, 136, 12, Math.clamp(entry.mtime(), 0, SIZE_MAX));
        block[156] = (byte) type;
        text(block, 157, NAME_MAX, entry.link());
        text(block, 257, 8, "ustar\00000");
        octal(block, 148, 7, checksum(block));
        block[155] = ' ';
        return block;
    }

    /// Sum of the header's bytes, its own field taken as spaces.
    static long checksum(byte[] block) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
        }
        return sum;
    }

    private static void text(byte[] block, int at, int length, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, block, at, Math.min(bytes.length, length));
    }

    private static void octal(byte[] block, int at, int length, long value) {
        var digits = Long.toOctalString(value);
        text(block, at, length - 1, "0".repeat(Math.max(0, length - 1 - digits.length())) + digits);
    }

    private void pad(long size) throws IOException {
        int over = (int) (size % BLOCK);
        if (over > 0) out.write(new byte[BLOCK - over]);
    }

    /// Ends the archive; the stream beneath is left open.
    @Override public void close() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }
}
