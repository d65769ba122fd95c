package dev.hostal.docker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/// Names of networks: Docker calls `bridge` what Hostal calls `default`.
final class Networks {
    static final String BRIDGE = "bridge";
    private static final String DEFAULT = "default";

    /// Networks that are always there.
    static final Set<String> BUILT_IN = Set.of(BRIDGE, "host", "none");

    private Networks() {}

    /// A network's id, which Hostal does not have: made of its name, so that it stays the same.
    static String id(String name) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// As Hostal has it.
    static String inner(String name) {
        return name.equals(BRIDGE) ? DEFAULT : name;
    }

    /// As Docker has it.
    static String outer(String name) {
        return name.equals(DEFAULT) ? BRIDGE : name;
    }
}
