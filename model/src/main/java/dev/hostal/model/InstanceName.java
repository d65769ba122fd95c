package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.Locale;
import java.util.regex.Pattern;

/// What a user calls an instance; unique on a node. Letters, digits, `_`, `.` and `-`, beginning with a
/// letter or digit: the rule of the Docker Engine API, so that a name made there is a name here.
public record InstanceName(String value) {
    /// Longest name. Source: RFC 1035, a label of a host name.
    public static final int LENGTH_MAX = 63;

    private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

    public InstanceName {
        require(value.length() <= LENGTH_MAX, "a name has at most %d characters, '%s…' has %d",
                LENGTH_MAX, value.substring(0, Math.min(20, value.length())), value.length());
        require(FORM.matcher(value).matches(),
                "'%s' is not a name: letters, digits, '_', '.' and '-', beginning with a letter or digit", value);
    }

    /// Whether the text could be a name.
    public static boolean isName(String text) {
        return text.length() <= LENGTH_MAX && FORM.matcher(text).matches();
    }

    /// The name as a host name label: lower case, `-` for what a label may not have.
    public String hostname() {
        var label = value.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-").replaceAll("-+$", "");
        return label.isEmpty() ? "guest" : label;
    }

    @Override public String toString() {
        return value;
    }
}
