package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Identifies a snapshot for ever, on every node: 24 hex digits.
public record SnapshotId(String value) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{24}");

    public SnapshotId {
        require(FORM.matcher(value).matches(), "'%s' is not a snapshot's id: 24 hex digits", value);
    }

    public static SnapshotId random(RandomGenerator random) {
        var bytes = new byte[12];
        random.nextBytes(bytes);
        return new SnapshotId(HexFormat.of().formatHex(bytes));
    }

    @Override public String toString() {
        return value;
    }
}
