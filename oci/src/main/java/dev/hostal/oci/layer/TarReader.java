package dev.hostal.oci.layer;

import static dev.hostal.oci.layer.TarHeader.BLOCK;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads a tar archive entry by entry: ustar, pax and GNU's long names, as in Go's archive/tar, which wrote most
/// layers there are. Content is read with [#copyContent] before the next entry, or skipped.
public final class TarReader {
    /// Chosen: names and attributes of one entry; the kernel keeps less than 64 KiB of attributes a file.
    static final int EXTENSION_MAX = 1 << 20;

    private static final byte[] ZEROS = new byte[64 << 10];
    private static final String XATTR = "SCHILY.xattr.";

    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private long contentLeft;
    private int padding;
    /// Of the entry that was read last, where the archive leaves its zeros out.
    private Optional<SparseMap> sparse = Optional.empty();

    public TarReader(InputStream in) {
        this.in = in;
    }

    /// The next entry, or empty at the end of the archive.
    ///
    /// @throws BadLayerException the archive is damaged or uses a form that is not read
    public Optional<TarEntry> next() throws IOException {
        var pax = new HashMap<String, String>();
        while (true) {
            skip(contentLeft + padding);
            var block = in.readNBytes(BLOCK);
            if (block.length == 0) return Optional.empty();
            if (block.length < BLOCK) throw new EOFException("the tar archive ends within a header");
            var header = new TarHeader(block);
            if (header.isEnd()) return Optional.empty();
            header.verify();
            begin(header.number(TarHeader.SIZE));
            switch (header.type()) {
                case 'x' -> readPax(extension(), pax);
                case 'g' -> {
                    // Comments of git and the like: nothing in it is about one entry.
                }
                case 'L' -> pax.put("path", upToNul(extension()));
                case 'K' -> pax.put("linkpath", upToNul(extension()));
                default -> {
                    sparse = header.type() == 'S' ? Optional.of(SparseMap.ofHeader(block, in)) : Optional.empty();
                    return Optional.of(entry(header, pax));
                }
            }
        }
    }

    /// Whether something that begins so is a tar archive.
    ///
    /// @param head its first 512 bytes, or all of it
    public static boolean begins(byte[] head) {
        if (head.length < BLOCK) return false;
        var header = new TarHeader(head);
        try {
            if (header.isEnd()) return false;
            header.verify();
            return true;
        } catch (BadLayerException _) {
            return false;
        }
    }

    /// The content of the entry that was read last, to be read before the next; empty where the archive leaves its zeros
    /// out, and only [#copyContent] has them.
    public Optional<InputStream> content() {
        return sparse.isPresent() ? Optional.empty() : Optional.of(new Content());
    }

    private final class Content extends InputStream {
        @Override public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            if (contentLeft == 0) return -1;
            int count = in.read(bytes, offset, (int) Math.min(length, contentLeft));
            if (count < 0) throw new EOFException("the tar archive ends within a file");
            contentLeft -= count;
            return count;
        }
    }

    /// Copies the content of the entry that was read last, with all its zeros.
    public void copyContent(OutputStream out) throws IOException {
        if (sparse.isEmpty()) {
            copy(contentLeft, out);
            return;
        }
        long at = 0;
        for (var piece : sparse.get().pieces()) {
            zeros(piece.offset() - at, out);
            copy(piece.length(), out);
            at = piece.offset() + piece.length();
        }
        zeros(sparse.get().size() - at, out);
        sparse = Optional.empty();
    }

    private void copy(long length, OutputStream out) throws IOException {
        for (long left = length; left > 0; ) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) throw new EOFException("the tar archive ends within a file");
            out.write(buffer, 0, count);
            contentLeft -= count;
            left -= count;
        }
    }

    private static void zeros(long length, OutputStream out) throws IOException {
        for (long left = length; left > 0; left -= Math.min(left, ZEROS.length)) {
            out.write(ZEROS, 0, (int) Math.min(left, ZEROS.length));
        }
    }

    private TarEntry entry(TarHeader header, Map<String, String> pax) throws IOException {
        var name = pax.getOrDefault("GNU.sparse.name", pax.getOrDefault("path", header.name()));
        var type = type(header.type(), name);
        long size = number(pax, "size", header.number(TarHeader.SIZE));
        // As in Go: only files have content, whatever the size field of other entries says.
        begin(type == TarEntry.Type.FILE ? size : 0);
        if (type == TarEntry.Type.FILE && sparse.isEmpty()) sparse = sparse(pax);
        if (sparse.isPresent() && sparse.get().stored() != contentLeft) {
            throw new BadLayerException("a sparse file in the tar archive has another length than its map");
        }
        long length = sparse.map(SparseMap::size).orElse(contentLeft);
        var attributes = new TarEntry.Attributes(
                (int) header.number(TarHeader.MODE) & 07777,
                number(pax, "uid", header.number(TarHeader.UID)),
                number(pax, "gid", header.number(TarHeader.GID)),
                number(pax, "mtime", header.number(TarHeader.MTIME)),
                xattrs(pax));
        var device = type.isDevice()
                ? new TarEntry.Device((int) header.number(TarHeader.DEVICE_MAJOR),
                        (int) header.number(TarHeader.DEVICE_MINOR))
                : TarEntry.Device.NONE;
        boolean isLink = type == TarEntry.Type.HARD_LINK || type == TarEntry.Type.SYMBOLIC_LINK;
        var link = isLink ? pax.getOrDefault("linkpath", header.text(TarHeader.LINK_NAME)) : "";
        return new TarEntry(type, name, link, length, attributes, device);
    }

    /// Of the three forms in pax headers; the map of the newest stands before the content.
    private Optional<SparseMap> sparse(Map<String, String> pax) throws IOException {
        if (pax.containsKey("GNU.sparse.major")) {
            if (!pax.get("GNU.sparse.major").equals("1")) throw new BadLayerException("a sparse file is of a form unknown");
            var found = SparseMap.inContent(in, number(pax, "GNU.sparse.realsize", -1), contentLeft);
            contentLeft -= found.length();
            return Optional.of(found.map());
        }
        if (!pax.containsKey("GNU.sparse.map")) return Optional.empty();
        return Optional.of(SparseMap.ofList(pax.get("GNU.sparse.map"), number(pax, "GNU.sparse.size", -1)));
    }

    private static TarEntry.Type type(char flag, String name) throws BadLayerException {
        return switch (flag) {
            case '0', '\0', '7', 'S' -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMBOLIC_LINK;
            case '3' -> TarEntry.Type.CHARACTER_DEVICE;
            case '4' -> TarEntry.Type.BLOCK_DEVICE;
            case '5' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            default -> throw new BadLayerException("a tar entry of type '%s' is not read".formatted(flag));
        };
    }

    private void begin(long size) throws BadLayerException {
        if (size < 0) throw new BadLayerException("a tar entry has a negative size");
        contentLeft = size;
        padding = (int) (-size & BLOCK - 1);
    }

    private byte[] extension() throws IOException {
        if (contentLeft > EXTENSION_MAX) {
            throw new BadLayerException("a tar entry has names or attributes of %d bytes".formatted(contentLeft));
        }
        var bytes = in.readNBytes((int) contentLeft);
        if (bytes.length < contentLeft) throw new EOFException("the tar archive ends within a header");
        contentLeft = 0;
        return bytes;
    }

    private static String upToNul(byte[] bytes) {
        var text = new String(bytes, ISO_8859_1);
        int nul = text.indexOf('\0');
        return nul < 0 ? text : text.substring(0, nul);
    }

    // Records of the form "LENGTH KEY=VALUE\n", where the length counts the whole record; values may hold NUL.
    private static void readPax(byte[] bytes, Map<String, String> pax) throws BadLayerException {
        var text = new String(bytes, ISO_8859_1);
        int start = 0;
        while (start < text.length()) {
            int space = text.indexOf(' ', start);
            int length = space < 0 ? 0 : length(text.substring(start, space));
            int end = start + length;
            int equals = text.indexOf('=', space);
            if (length <= 0 || end > text.length() || text.charAt(end - 1) != '\n' || equals < 0 || equals >= end) {
                throw new BadLayerException("a tar entry has a damaged pax header");
            }
            put(text.substring(space + 1, equals), text.substring(equals + 1, end - 1), pax);
            start = end;
        }
    }

    /// The oldest form of sparse files repeats two keys, and means one list.
    private static void put(String key, String value, Map<String, String> pax) {
        switch (key) {
            case "GNU.sparse.offset", "GNU.sparse.numbytes" ->
                    pax.merge("GNU.sparse.map", value, (list, next) -> list + "," + next);
            default -> pax.put(key, value);
        }
    }

    private static int length(String digits) {
        return digits.matches("[0-9]{1,7}") ? Integer.parseInt(digits) : 0;
    }

    private static long number(Map<String, String> pax, String key, long otherwise) throws BadLayerException {
        var text = pax.get(key);
        if (text == null) return otherwise;
        int point = text.indexOf('.');
        try {
            return Long.parseLong(point < 0 ? text : text.substring(0, point));
        } catch (NumberFormatException e) {
            throw new BadLayerException("a tar entry has the %s '%s'".formatted(key, text), e);
        }
    }

    private static Map<String, String> xattrs(Map<String, String> pax) {
        var xattrs = new HashMap<String, String>();
        pax.forEach((key, value) -> {
            if (key.startsWith(XATTR)) xattrs.put(key.substring(XATTR.length()), value);
        });
        return xattrs;
    }

    private void skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) throw new EOFException("the tar archive ends within a file");
            left -= read;
        }
        contentLeft = 0;
        padding = 0;
    }
}
