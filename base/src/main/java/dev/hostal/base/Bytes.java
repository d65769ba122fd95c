package dev.hostal.base;

import static dev.hostal.base.Check.require;

import java.util.Locale;
import java.util.regex.Pattern;

/// An amount of memory or storage, in bytes; never negative. Arithmetic is exact.
public record Bytes(long count) implements Comparable<Bytes> {
    public static final Bytes ZERO = new Bytes(0);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})(?:\\.(\\d{1,3}))?\\s*([kmgtp]?)(i?b)?");
    private static final String UNITS = "kmgtp";

    public Bytes {
        require(count >= 0, "an amount of bytes is not negative: %d", count);
    }

    public static Bytes kib(long kib) {
        return new Bytes(Math.multiplyExact(kib, 1L << 10));
    }

    public static Bytes mib(long mib) {
        return new Bytes(Math.multiplyExact(mib, 1L << 20));
    }

    public static Bytes gib(long gib) {
        return new Bytes(Math.multiplyExact(gib, 1L << 30));
    }

    /// Reads `512`, `512m`, `512MiB`, `1.5G`. Every unit is a power of 1024, as in QEMU and Docker.
    ///
    /// @throws IllegalArgumentException the text is no size, or too large for 63 bits
    public static Bytes parse(String text) {
        var matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
        require(matcher.matches(), "'%s' is not a size such as 512MiB or 10GiB", text);
        int shift = matcher.group(3).isEmpty() ? 0 : 10 * (1 + UNITS.indexOf(matcher.group(3)));
        try {
            long whole = Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
            var decimals = matcher.group(2);
            if (decimals == null) return new Bytes(whole);
            double part = Long.parseLong(decimals) / Math.pow(10, decimals.length());
            return new Bytes(Math.addExact(whole, (long) (part * (1L << shift))));
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException("'%s' is too large for a size".formatted(text), tooLarge);
        }
    }

    public Bytes plus(Bytes other) {
        return new Bytes(Math.addExact(count, other.count));
    }

    public Bytes minus(Bytes other) {
        return new Bytes(Math.subtractExact(count, other.count));
    }

    /// Whole mebibytes, rounded up.
    public long toMib() {
        return Math.ceilDiv(count, 1L << 20);
    }

    @Override public int compareTo(Bytes other) {
        return Long.compare(count, other.count);
    }

    /// For people: at most one decimal, such as `1.5 GiB`.
    @Override public String toString() {
        if (count < 1024) return count + " B";
        int unit = Math.min((63 - Long.numberOfLeadingZeros(count)) / 10, UNITS.length());
        double value = (double) count / (1L << (10 * unit));
        var number = String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.1f", value);
        return number.replace(".0", "") + " " + Character.toUpperCase(UNITS.charAt(unit - 1)) + "iB";
    }
}
