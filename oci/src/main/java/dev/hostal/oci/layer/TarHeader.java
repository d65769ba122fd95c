package dev.hostal.oci.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.math.BigInteger;
import java.util.Arrays;

/// The fields of a header block. Source: POSIX.1-2001, pax, "ustar Interchange Format".
final class TarHeader {
    static final int BLOCK = 512;

    /// Place and length of a field.
    record Field(int offset, int length) {}

    static final Field NAME = new Field(0, 100);
    static final Field MODE = new Field(100, 8);
    static final Field UID = new Field(108, 8);
    static final Field GID = new Field(116, 8);
    static final Field SIZE = new Field(124, 12);
    static final Field MTIME = new Field(136, 12);
    static final Field CHECKSUM = new Field(148, 8);
    static final Field TYPE = new Field(156, 1);
    static final Field LINK_NAME = new Field(157, 100);
    static final Field MAGIC = new Field(257, 8);
    static final Field DEVICE_MAJOR = new Field(329, 8);
    static final Field DEVICE_MINOR = new Field(337, 8);
    static final Field PREFIX = new Field(345, 155);

    private final byte[] block;

    TarHeader(byte[] block) {
        this.block = block;
    }

    boolean isEnd() {
        for (byte value : block) {
            if (value != 0) return false;
        }
        return true;
    }

    char type() {
        return (char) (block[TYPE.offset()] & 0xff);
    }

    /// Up to the first NUL.
    String text(Field field) {
        int end = field.offset();
        while (end < field.offset() + field.length() && block[end] != 0) {
            end++;
        }
        return new String(block, field.offset(), end - field.offset(), ISO_8859_1);
    }

    /// The name with the prefix that only the POSIX format has; GNU's magic ends in spaces.
    String name() {
        var name = text(NAME);
        var magic = new String(block, MAGIC.offset(), 6, ISO_8859_1);
        var prefix = magic.equals("ustar\0") ? text(PREFIX) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /// Octal digits, or GNU's binary form where the first bit is set.
    long number(Field field) throws BadLayerException {
        if ((block[field.offset()] & 0x80) != 0) return binary(field);
        var digits = text(field).strip();
        if (digits.isEmpty()) return 0;
        try {
            return Long.parseUnsignedLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new BadLayerException("a tar header holds '%s' where a number belongs".formatted(digits), e);
        }
    }

    /// @throws BadLayerException the block is no header, as after damage or in something that is no tar
    void verify() throws BadLayerException {
        long stated = number(CHECKSUM);
        if (stated != checksum()) throw new BadLayerException("a tar header has a wrong checksum");
    }

    /// Sum of all bytes, the checksum's own taken as spaces.
    long checksum() {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            boolean own = i >= CHECKSUM.offset() && i < CHECKSUM.offset() + CHECKSUM.length();
            sum += own ? ' ' : block[i] & 0xff;
        }
        return sum;
    }

    void put(Field field, String text) {
        var bytes = text.getBytes(ISO_8859_1);
        System.arraycopy(bytes, 0, block, field.offset(), Math.min(bytes.length, field.length()));
    }

    /// Octal, filled up with zeros, ended by NUL; 0 where it does not fit and the pax header has the value.
    void put(Field field, long number) {
        int digits = field.length() - 1;
        var text = Long.toOctalString(number);
        put(field, "0".repeat(Math.max(0, digits - text.length())) + (text.length() > digits ? "" : text));
    }

    static boolean fits(Field field, long number) {
        return number >= 0 && Long.toOctalString(number).length() <= field.length() - 1;
    }

    private long binary(Field field) throws BadLayerException {
        boolean negative = (block[field.offset()] & 0x40) != 0;
        var bytes = Arrays.copyOfRange(block, field.offset(), field.offset() + field.length());
        if (!negative) bytes[0] &= 0x7f;
        try {
            return new BigInteger(bytes).longValueExact();
        } catch (ArithmeticException e) {
            throw new BadLayerException("a tar header holds a number of more than 63 bits", e);
        }
    }
}
