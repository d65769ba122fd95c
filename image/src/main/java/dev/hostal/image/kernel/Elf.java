package dev.hostal.image.kernel;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The parts of an ELF file that are needed here: sections by name, and notes. Both classes, both byte orders.
/// Source: elf(5).
final class Elf {
    private static final int PT_NOTE = 4;
    private static final int TABLE_MAX = 1 << 16;

    /// @param name of whom it is from, such as `Xen`
    record Note(String name, int type, byte[] content) {}

    private record Section(int name, long offset, long size) {}

    private final ByteBuffer bytes;
    private final boolean is64;

    private Elf(ByteBuffer bytes, boolean is64) {
        this.bytes = bytes;
        this.is64 = is64;
    }

    static boolean is(ByteBuffer bytes) {
        return bytes.limit() > 52 && bytes.get(0) == 0x7f && bytes.get(1) == 'E' && bytes.get(2) == 'L'
                && bytes.get(3) == 'F';
    }

    /// @throws IOException no ELF file
    static Elf of(ByteBuffer bytes) throws IOException {
        if (!is(bytes)) throw new IOException("no ELF file");
        var order = bytes.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new Elf(bytes.duplicate().order(order), bytes.get(4) == 2);
    }

    /// @throws IOException the tables point out of the file
    Optional<byte[]> section(String name) throws IOException {
        try {
            var sections = sections();
            int names = half(is64 ? 0x3e : 0x32);
            if (names >= sections.size()) return Optional.empty();
            long start = sections.get(names).offset();
            for (var section : sections) {
                if (text(start + section.name()).equals(name)) {
                    return Optional.of(slice(section.offset(), section.size()));
                }
            }
            return Optional.empty();
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw new IOException("damaged ELF file", e);
        }
    }

    /// @throws IOException the tables point out of the file
    List<Note> notes() throws IOException {
        try {
            var notes = new ArrayList<Note>();
            long at = word(is64 ? 0x20 : 0x1c);
            int size = half(is64 ? 0x36 : 0x2a);
            int count = half(is64 ? 0x38 : 0x2c);
            for (int i = 0; i < count; i++, at += size) {
                if (bytes.getInt(index(at)) != PT_NOTE) continue;
                notes.addAll(notes(word(at + (is64 ? 8 : 4)), word(at + (is64 ? 0x20 : 0x10))));
            }
            return notes;
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw new IOException("damaged ELF file", e);
        }
    }

    private List<Note> notes(long offset, long size) {
        var notes = new ArrayList<Note>();
        for (long at = offset; at + 12 <= offset + size; ) {
            int nameSize = bytes.getInt(index(at));
            int contentSize = bytes.getInt(index(at + 4));
            int type = bytes.getInt(index(at + 8));
            var name = new String(slice(at + 12, nameSize), StandardCharsets.US_ASCII).replace("\0", "");
            long content = at + 12 + aligned(nameSize);
            notes.add(new Note(name, type, slice(content, contentSize)));
            at = content + aligned(contentSize);
        }
        return notes;
    }

    private List<Section> sections() {
        long at = word(is64 ? 0x28 : 0x20);
        int size = half(is64 ? 0x3a : 0x2e);
        int count = half(is64 ? 0x3c : 0x30);
        var sections = new ArrayList<Section>();
        for (int i = 0; i < Math.min(count, TABLE_MAX); i++, at += size) {
            sections.add(new Section(bytes.getInt(index(at)), word(at + (is64 ? 0x18 : 0x10)),
                    word(at + (is64 ? 0x20 : 0x14))));
        }
        return sections;
    }

    private String text(long at) {
        int start = index(at);
        int end = start;
        while (bytes.get(end) != 0) end++;
        return new String(slice(start, end - start), StandardCharsets.US_ASCII);
    }

    private byte[] slice(long at, long size) {
        var part = new byte[index(size)];
        bytes.get(index(at), part);
        return part;
    }

    private long word(long at) {
        return is64 ? bytes.getLong(index(at)) : Integer.toUnsignedLong(bytes.getInt(index(at)));
    }

    private int half(long at) {
        return Short.toUnsignedInt(bytes.getShort(index(at)));
    }

    private int index(long at) {
        if (at < 0 || at > bytes.capacity()) throw new IndexOutOfBoundsException(at);
        return (int) at;
    }

    private static long aligned(int size) {
        return (size + 3L) & ~3L;
    }
}
