package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Identifies a disk for ever, on every node: 24 hex digits.
public record DiskId(String value) {
    public static final int LENGTH = 24;

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{" + LENGTH + "}");

    public DiskId {
        require(FORM.matcher(value).matches(), "'%s' is not a disk's id: 24 hex digits", value);
    }

    public static DiskId random(RandomGenerator random) {
        var bytes = new byte[12];
        random.nextBytes(bytes);
        return new DiskId(HexFormat.of().formatHex(bytes));
    }

    @Override public String toString() {
        return value;
    }
}
