package dev.hostal.oci.layer;

import static dev.hostal.oci.layer.TarHeader.BLOCK;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;

/// Writes a tar archive in the pax format, with an extended header only where ustar does not hold the entry.
public final class TarWriter {
    private static final byte[] ZEROS = new byte[2 * BLOCK];

    private final OutputStream out;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /// Writes the header. A file's content is written to the stream by the caller, then [#endContent].
    public void begin(TarEntry entry) throws IOException {
        var pax = pax(entry);
        if (!pax.isEmpty()) {
            var records = records(pax);
            out.write(header('x', "pax", "", records.length, TarEntry.Attributes.IMPLIED_DIRECTORY,
                    TarEntry.Device.NONE));
            out.write(records);
            endContent(records.length);
        }
        out.write(header(entry.type().flag(), entry.name(), entry.linkName(), entry.size(), entry.attributes(),
                entry.device()));
    }

    /// Fills up the last block of a content of that length.
    public void endContent(long size) throws IOException {
        out.write(ZEROS, 0, (int) (-size & BLOCK - 1));
    }

    /// Writes the end of the archive.
    public void finish() throws IOException {
        out.write(ZEROS);
        out.flush();
    }

    private static byte[] header(char type, String name, String linkName, long size,
            TarEntry.Attributes attributes, TarEntry.Device device) {
        var block = new byte[BLOCK];
        var header = new TarHeader(block);
        header.put(TarHeader.NAME, name);
        header.put(TarHeader.MODE, attributes.mode());
        header.put(TarHeader.UID, attributes.uid());
        header.put(TarHeader.GID, attributes.gid());
        header.put(TarHeader.SIZE, size);
        header.put(TarHeader.MTIME, attributes.mtime());
        header.put(TarHeader.TYPE, String.valueOf(type));
        header.put(TarHeader.LINK_NAME, linkName);
        header.put(TarHeader.MAGIC, "ustar\0" + "00");
        header.put(TarHeader.DEVICE_MAJOR, device.major());
        header.put(TarHeader.DEVICE_MINOR, device.minor());
        header.put(TarHeader.CHECKSUM, header.checksum());
        return block;
    }

    private static Map<String, String> pax(TarEntry entry) {
        var pax = new TreeMap<String, String>();
        if (entry.name().length() > TarHeader.NAME.length()) pax.put("path", entry.name());
        if (entry.linkName().length() > TarHeader.LINK_NAME.length()) pax.put("linkpath", entry.linkName());
        putNumber(pax, "size", TarHeader.SIZE, entry.size());
        putNumber(pax, "uid", TarHeader.UID, entry.attributes().uid());
        putNumber(pax, "gid", TarHeader.GID, entry.attributes().gid());
        putNumber(pax, "mtime", TarHeader.MTIME, entry.attributes().mtime());
        entry.attributes().xattrs().forEach((name, value) -> pax.put("SCHILY.xattr." + name, value));
        return pax;
    }

    private static void putNumber(Map<String, String> pax, String key, TarHeader.Field field, long number) {
        if (!TarHeader.fits(field, number)) pax.put(key, Long.toString(number));
    }

    private static byte[] records(Map<String, String> pax) {
        var text = new StringBuilder();
        pax.forEach((key, value) -> {
            int rest = key.length() + value.length() + 3;      // The space, the equals sign and the line feed.
            int length = rest + Integer.toString(rest).length();
            // The length counts its own digits: one more may be needed for the longer number.
            if (Integer.toString(length).length() > Integer.toString(rest).length()) length++;
            text.append(length).append(' ').append(key).append('=').append(value).append('\n');
        });
        return text.toString().getBytes(ISO_8859_1);
    }
}
