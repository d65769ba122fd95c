package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Identifies a volume for ever: 32 hex digits, also the name of its folder.
public record VolumeId(String value) {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final int BYTES = 16;

    public VolumeId {
        require(isId(value), "'%s' is not the id of a volume: 32 hex digits", value);
    }

    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    public static VolumeId random(RandomGenerator random) {
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new VolumeId(HexFormat.of().formatHex(bytes));
    }

    @Override public String toString() {
        return value;
    }
}
