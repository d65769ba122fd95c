package dev.hostal.image.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Small ELF files as a linker would write them: a module with its `.modinfo`, a kernel with a note.
final class SampleElf {
    private static final byte[] NAMES = "\0.modinfo\0.shstrtab\0".getBytes(StandardCharsets.US_ASCII);

    private SampleElf() {}

    static byte[] module(boolean is64, ByteOrder order, String... info) {
        var modinfo = (String.join("\0", info) + "\0").getBytes(StandardCharsets.UTF_8);
        int header = is64 ? 64 : 52;
        int entry = is64 ? 64 : 40;
        var file = ByteBuffer.allocate(header + modinfo.length + NAMES.length + 3 * entry).order(order);
        ident(file, is64, order);
        int names = header + modinfo.length;
        int table = names + NAMES.length;
        word(file, is64, is64 ? 0x28 : 0x20, table);
        file.putShort(is64 ? 0x3a : 0x2e, (short) entry);
        file.putShort(is64 ? 0x3c : 0x30, (short) 3);
        file.putShort(is64 ? 0x3e : 0x32, (short) 2);
        file.position(header).put(modinfo).put(NAMES);
        section(file, is64, table + entry, 1, header, modinfo.length);
        section(file, is64, table + 2 * entry, 10, names, NAMES.length);
        return file.array();
    }

    /// @param noteType of a note by `Xen`
    static byte[] kernel(int noteType) {
        var file = ByteBuffer.allocate(64 + 56 + 20).order(ByteOrder.LITTLE_ENDIAN);
        ident(file, true, ByteOrder.LITTLE_ENDIAN);
        file.putLong(0x20, 64).putShort(0x36, (short) 56).putShort(0x38, (short) 1);
        file.putInt(64, 4).putLong(64 + 8, 120).putLong(64 + 0x20, 20);
        file.putInt(120, 4).putInt(124, 4).putInt(128, noteType);
        file.position(132).put("Xen\0".getBytes(StandardCharsets.US_ASCII)).putInt(1);
        return file.array();
    }

    /// A bzImage whose packed part is the one given.
    static byte[] bzImage(byte[] payload) {
        int sectors = 3;
        int offset = 0x100;
        var file = ByteBuffer.allocate((sectors + 1) * 512 + offset + payload.length + 64)
                .order(ByteOrder.LITTLE_ENDIAN);
        file.put(0x1f1, (byte) sectors).putInt(0x202, 0x53726448).putShort(0x206, (short) 0x20f);
        file.putInt(0x248, offset).putInt(0x24c, payload.length);
        file.position((sectors + 1) * 512 + offset).put(payload);
        return file.array();
    }

    private static void ident(ByteBuffer file, boolean is64, ByteOrder order) {
        var start = new ByteArrayOutputStream();
        start.writeBytes(new byte[] {0x7f, 'E', 'L', 'F', (byte) (is64 ? 2 : 1),
            (byte) (order == ByteOrder.BIG_ENDIAN ? 2 : 1)});
        file.put(0, start.toByteArray());
    }

    private static void section(ByteBuffer file, boolean is64, int at, int name, int offset, int size) {
        file.putInt(at, name);
        word(file, is64, at + (is64 ? 0x18 : 0x10), offset);
        word(file, is64, at + (is64 ? 0x20 : 0x14), size);
    }

    private static void word(ByteBuffer file, boolean is64, int at, int value) {
        if (is64) file.putLong(at, value);
        else file.putInt(at, value);
    }
}
