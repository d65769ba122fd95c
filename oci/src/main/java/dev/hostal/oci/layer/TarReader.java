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

    private static final String XATTR = "SCHILY.xattr.";

    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private long contentLeft;
    private int padding;

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
                    return Optional.of(entry(header, pax));
                }
            }
        }
    }

    /// Copies the content of the entry that was read last.
    public void copyContent(OutputStream out) throws IOException {
        while (contentLeft > 0) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, contentLeft));
            if (count < 0) throw new EOFException("the tar archive ends within a file");
            out.write(buffer, 0, count);
            contentLeft -= count;
        }
    }

    private TarEntry entry(TarHeader header, Map<String, String> pax) throws IOException {
        for (var key : pax.keySet()) {
            if (key.startsWith("GNU.sparse.")) throw new BadLayerException("sparse files in tar are not read");
        }
        var name = pax.getOrDefault("path", header.name());
        var type = type(header.type(), name);
        long size = number(pax, "size", header.number(TarHeader.SIZE));
        // As in Go: only files have content, whatever the size field of other entries says.
        begin(type == TarEntry.Type.FILE ? size : 0);
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
        return new TarEntry(type, name, link, contentLeft, attributes, device);
    }

    private static TarEntry.Type type(char flag, String name) throws BadLayerException {
        return switch (flag) {
            case '0', '\0', '7' -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
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
            pax.put(text.substring(space + 1, equals), text.substring(equals + 1, end - 1));
            start = end;
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
