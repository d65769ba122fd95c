package dev.hostal.oci.dockerfile;

/// A Dockerfile that is wrong, with the line, the place in it, and what was expected.
public final class DockerfileException extends RuntimeException {
    private static final long serialVersionUID = 1;
    /// How much of a long line is shown on either side of the place. Chosen.
    private static final int AROUND = 100;

    private final int line;
    private final int column;
    private final String why;

    /// @param line counted from 1
    /// @param text of that line
    /// @param column of the fault in it, from 0
    public DockerfileException(int line, String text, int column, String why) {
        super("line %d: %s%n%s".formatted(line, why, shown(text, Math.clamp(column, 0, text.length()))));
        this.line = line;
        this.column = Math.clamp(column, 0, text.length());
        this.why = why;
    }

    /// The line, and below it a caret; tabs stay tabs so that the caret stands where it should.
    private static String shown(String text, int column) {
        int begin = Math.max(0, column - AROUND);
        int end = Math.min(text.length(), column + AROUND);
        var plain = new StringBuilder(begin > 0 ? "…" : "");
        var below = new StringBuilder(begin > 0 ? " " : "");
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            plain.append(c == '\t' || !Character.isISOControl(c) ? c : '\uFFFD');
            if (i < column && !Character.isLowSurrogate(c)) below.append(c == '\t' ? '\t' : ' ');
        }
        if (end < text.length()) plain.append('…');
        return "  %s%n  %s^".formatted(plain, below);
    }

    public int line() {
        return line;
    }

    /// Of the fault in the line, from 0.
    public int column() {
        return column;
    }

    /// What was expected, without the place.
    public String why() {
        return why;
    }
}
