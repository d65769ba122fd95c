package dev.hostal.cli;

/// Which build this is.
public final class Build {
    private Build() {}

    /// Identifies what this was built from; the launcher knows. A daemon of the same build has the same.
    public static String id() {
        return System.getProperty("hostal.build", "unknown");
    }
}
