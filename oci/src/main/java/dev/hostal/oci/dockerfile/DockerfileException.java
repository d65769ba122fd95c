package dev.hostal.oci.dockerfile;

/// A Dockerfile that is wrong, with the line, the place in it, and what was expected.
public final class DockerfileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int line;

    /// @param line counted from 1
    /// @param text of that line
    /// @param column of the fault in it, from 0; -1 where the whole line is meant
    public DockerfileException(int line, String text, int column, String why) {
        super("line %d: %s%n  %s%n  %s".formatted(line, why, text, " ".repeat(Math.max(0, Math.min(column, text.length()))) + "^"));
        this.line = line;
    }

    public int line() {
        return line;
    }
}
