package dev.hostal.sim;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// As much of tar as a simulated guest needs: regular files with short names.
///
/// Source: POSIX pax, "ustar Interchange Format".
final class SimTar {
    private static final int BLOCK = 512;
    private static final int NAME_MAX = 100;

    private SimTar() {}

    /// @return the files of the archive, by their path in the guest
    static Map<String, byte[]> read(byte[] archive, String folder) throws IOException {
        var files = new TreeMap<String, byte[]>();
        for (int at = 0; at + BLOCK <= archive.length && archive[at] != 0;) {
            int size = (int) Long.parseLong(text(archive, at + 124, 11), 8);
            if (at + BLOCK + size > archive.length) throw new IOException("the archive ends in the middle of a file");
            byte type = archive[at + 156];
            var name = text(archive, at, NAME_MAX);
            if (type == '0' || type == 0) {
                files.put(path(folder, name), Arrays.copyOfRange(archive, at + BLOCK, at + BLOCK + size));
            }
            at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
        }
        return files;
    }

    /// @throws IOException there is no such file or folder
    static byte[] write(Map<String, byte[]> files, String path) throws IOException {
        var archive = new ByteArrayOutputStream();
        var parent = path.substring(0, Math.max(0, path.lastIndexOf('/')) + (path.startsWith("/") ? 1 : 0));
        for (var file : new TreeMap<>(files).entrySet()) {
            if (!file.getKey().equals(path) && !file.getKey().startsWith(path + "/")) continue;
            var name = file.getKey().substring(Math.min(parent.length(), file.getKey().length()));
            archive.write(header(name, file.getValue().length));
            archive.write(file.getValue());
            archive.write(new byte[(BLOCK - file.getValue().length % BLOCK) % BLOCK]);
        }
        if (archive.size() == 0) throw new FileNotFoundException("%s: no such file or folder in the guest".formatted(path));
        archive.write(new byte[2 * BLOCK]);
        return archive.toByteArray();
    }

    private static byte[] header(String name, int size) {
        var header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0");
        put(header, 116, "0000000\0");
        put(header, 124, "%011o\0".formatted(size));
        put(header, 136, "00000000000\0");
        put(header, 148, "        ");
        header[156] = '0';
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        return header;
    }

    private static String path(String folder, String name) {
        return (folder.endsWith("/") ? folder : folder + "/") + name;
    }

    private static String text(byte[] bytes, int offset, int length) {
        int end = offset;
        while (end < offset + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, offset, end - offset, StandardCharsets.UTF_8).strip();
    }

    private static void put(byte[] header, int offset, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }
}
