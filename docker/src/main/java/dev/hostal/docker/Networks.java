package dev.hostal.docker;

import dev.hostal.model.NetworkSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/// Names of networks: Docker calls `bridge` what Hostal calls `default`.
final class Networks {
    static final String BRIDGE = "bridge";
    private static final String DEFAULT = "default";
    static final String NAME = "dev.hostal.docker.name";
    private static final int DIGITS = 20;

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

    /// As Hostal has it. Docker takes any text: what is no name here is kept as a label of a network that is called by a
    /// digest of it.
    static String inner(String name) {
        if (name.equals(BRIDGE)) return DEFAULT;
        if (BUILT_IN.contains(name) || name.startsWith(NetworkSpec.JOINED)) return name;
        boolean known = NetworkSpec.isName(name) && !NetworkSpec.isKind(name);
        return known ? name : "named-" + id(name).substring(0, DIGITS);
    }

    /// Labels of a new network with that name.
    static Map<String, String> labels(String name, Map<String, String> wanted) {
        if (inner(name).equals(name) || name.equals(BRIDGE)) return wanted;
        var labels = new HashMap<>(wanted);
        labels.put(NAME, name);
        return labels;
    }

    /// As clients gave them.
    static Map<String, String> labels(NetworkSpec spec) {
        var labels = new HashMap<>(spec.labels());
        labels.remove(NAME);
        labels.remove(NetworkOptions.ASKED);
        return labels;
    }

    /// As Docker has it.
    static String outer(NetworkSpec spec) {
        return spec.labels().getOrDefault(NAME, outer(spec.name()));
    }

    /// Its driver where nothing but its name is known.
    static String driver(String name) {
        return switch (name) {
            case "host" -> "host";
            case "none" -> "null";
            default -> BRIDGE;
        };
    }

    /// The same of one that is not known any more.
    static String outer(String name) {
        return name.equals(DEFAULT) ? BRIDGE : name;
    }
}
