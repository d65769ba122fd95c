package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Identifies an instance for ever, on every node: 64 hex digits, as in the Docker Engine API.
public record InstanceId(String value) {
    /// Length of [#brief]. Source: what the docker CLI prints.
    public static final int BRIEF_LENGTH = 12;

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    public InstanceId {
        require(FORM.matcher(value).matches(), "'%s' is not an instance id: 64 hex digits", value);
    }

    public static InstanceId random(RandomGenerator random) {
        var bytes = new byte[32];
        random.nextBytes(bytes);
        return new InstanceId(HexFormat.of().formatHex(bytes));
    }

    /// The first 12 digits: for people, and for names of folders, cgroups and sockets, which must be short.
    public String brief() {
        return value.substring(0, BRIEF_LENGTH);
    }

    @Override public String toString() {
        return value;
    }
}
