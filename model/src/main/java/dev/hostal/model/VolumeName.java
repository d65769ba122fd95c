package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.regex.Pattern;

/// Name of a volume, unique on its node; a nameless one has its id as its name.
public record VolumeName(String value) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

    public VolumeName {
        require(isName(value), "'%s' is not the name of a volume: 1 to 128 letters, digits, '_', '.' and '-', "
                + "the first a letter or a digit", value.length() > 140 ? value.substring(0, 140) + "…" : value);
    }

    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    @Override public String toString() {
        return value;
    }
}
