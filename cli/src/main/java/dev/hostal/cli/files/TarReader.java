package dev.hostal.cli.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads a tar archive, entry by entry: ustar, pax and GNU's long names.
public final class TarReader {
    private static final int BLOCK = TarWriter.BLOCK;
    /// Longest name or pax header that is read. Chosen: paths have at most 4096 bytes.
    private static final int META_MAX = 1 << 20;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK];
    private long left;
    private long padding;

    public TarReader(InputStream in) {
        this.in = in;
    }

    /// The next entry; what was not read of the last one's content is passed over.
    ///
    /// @throws IOException the bytes are no tar archive, or it ends too early
    public Optional<TarEntry> next() throws IOException {
        var meta = new HashMap<String, String>();
        while (true) {
            passOver();
            if (!readBlock()) return Optional.empty();
            if (isZero()) return Optional.empty();
            if (TarWriter.checksum(block) != number(148, 8)) throw damaged();
            take(number(124, 12));
            char type = (char) (block[156] & 0xff);
            switch (type) {
                case 'L' -> meta.put("path", cString(content()));
                case 'K' -> meta.put("linkpath", cString(content()));
                case 'x' -> readPax(content(), meta);
                case 'g' -> content();
                default -> {
                    return Optional.of(entry(type, meta));
                }
            }
        }
    }

    /// Reads the content of the entry that [#next] gave last.
    ///
    /// @return -1 at its end
    public int read(byte[] buffer) throws IOException {
        if (left == 0) return -1;
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) throw new EOFException("The archive ends in the middle of a file.");
        left -= count;
        return count;
    }

    private void passOver() throws IOException {
        try {
            in.skipNBytes(left + padding);
        } catch (EOFException tooEarly) {
            throw new IOException("The archive ends in the middle of a file.", tooEarly);
        }
        left = 0;
        padding = 0;
    }

    private TarEntry entry(char flag, Map<String, String> meta) throws IOException {
        var name = text(0, 100);
        boolean ustar = text(257, 5).equals("ustar");
        var prefix = ustar && block[263] == '0' ? text(345, 155) : "";
        var path = meta.getOrDefault("path", prefix.isEmpty() ? name : prefix + "/" + name);
        if (meta.containsKey("size")) take(parse(meta.get("size")));
        var type = switch (flag) {
            case '0', '\0', '7' -> path.endsWith("/") ? TarEntry.Type.FOLDER : TarEntry.Type.FILE;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMBOLIC_LINK;
            case '5' -> TarEntry.Type.FOLDER;
            case '6' -> TarEntry.Type.PIPE;
            case '3', '4' -> TarEntry.Type.SPECIAL;
            default -> throw new IOException("The archive has an entry of a kind that is not known here: '%s' for %s."
                    .formatted(flag, path));
        };
        // Only files have content, whatever the header of another kind says.
        if (type != TarEntry.Type.FILE && type != TarEntry.Type.FOLDER) take(0);
        var link = meta.getOrDefault("linkpath", text(157, 100));
        return new TarEntry(path, type, link, (int) number(100, 8) & 07777, left, number(136, 12),
                new TarEntry.Owner(id(meta, "uid", 108), id(meta, "gid", 116)));
    }

    private int id(Map<String, String> meta, String key, int at) throws IOException {
        return (int) (meta.containsKey(key) ? parse(meta.get(key)) : number(at, 8));
    }

    private void take(long size) throws IOException {
        if (size < 0) throw new IOException("The archive has a file of a negative size.");
        left = size;
        padding = (BLOCK - size % BLOCK) % BLOCK;
    }

    private byte[] content() throws IOException {
        if (left > META_MAX) throw new IOException("The archive has a name of %d bytes.".formatted(left));
        var bytes = in.readNBytes((int) left);
        if (bytes.length < left) throw new EOFException("The archive ends in the middle of a name.");
        left = 0;
        return bytes;
    }

    /// Records of a pax header: `LENGTH KEY=VALUE`, each ended by a newline that its length counts.
    private static void readPax(byte[] bytes, Map<String, String> meta) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int space = at;
            while (space < bytes.length && bytes[space] != ' ') {
                space++;
            }
            long length = parse(new String(bytes, at, space - at, StandardCharsets.ISO_8859_1));
            if (length <= space - at || at + length > bytes.length) throw new IOException("A pax header is damaged.");
            var pair = new String(bytes, space + 1, (int) (at + length) - space - 2, StandardCharsets.UTF_8);
            int equals = pair.indexOf('=');
            if (equals < 0) throw new IOException("A pax header is damaged.");
            meta.put(pair.substring(0, equals), pair.substring(equals + 1));
            at += (int) length;
        }
    }

    private static long parse(String digits) throws IOException {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException _) {
            throw new IOException("A pax header is damaged: '%s' is no number.".formatted(digits));
        }
    }

    private boolean readBlock() throws IOException {
        int count = in.readNBytes(block, 0, BLOCK);
        if (count == 0) return false;
        if (count < BLOCK) throw new EOFException("The archive ends in the middle of a header.");
        return true;
    }

    private boolean isZero() {
        for (byte one : block) {
            if (one != 0) return false;
        }
        return true;
    }

    private String text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.UTF_8);
    }

    private static String cString(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /// Octal digits, or GNU's base 256, which begins with the highest bit.
    private long number(int at, int length) throws IOException {
        if ((block[at] & 0x80) != 0) {
            long value = block[at] & 0x3f;
            for (int i = at + 1; i < at + length; i++) {
                if (value > Long.MAX_VALUE >> 8) throw new IOException("A number in the archive is too large.");
                value = value << 8 | block[i] & 0xff;
            }
            return value;
        }
        var digits = text(at, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException _) {
            throw damaged();
        }
    }

    private static IOException damaged() {
        return new IOException("This is no tar archive, or a damaged one.");
    }
}
