package dev.hostal.docker;

/// Names of networks: Docker calls `bridge` what Hostal calls `default`.
final class Networks {
    static final String BRIDGE = "bridge";
    private static final String DEFAULT = "default";

    private Networks() {}

    /// As Hostal has it.
    static String inner(String name) {
        return name.equals(BRIDGE) ? DEFAULT : name;
    }

    /// As Docker has it.
    static String outer(String name) {
        return name.equals(DEFAULT) ? BRIDGE : name;
    }
}
