package dev.hostal.cli;

/// What this program was built from.
public final class Build {
    public static final String VERSION = "0.1.0";

    private Build() {}

    /// Identifies the sources; the launcher knows.
    public static String id() {
        return System.getProperty("hostal.build", "unknown");
    }
}
