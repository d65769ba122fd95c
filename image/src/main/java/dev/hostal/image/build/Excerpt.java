package dev.hostal.image.build;

/// An error with its place: file and line, the lines of the instruction, and what is wrong.
final class Excerpt {
    private static final int LINES_MAX = 10;

    private Excerpt() {}

    static String of(String file, String text, BuildFailure failure) {
        var step = failure.step();
        var lines = text.split("\r?\n", -1);
        var shown = new StringBuilder("%s:%d: %s\n".formatted(file, step.line(), failure.getMessage()));
        shown.append("--------------------\n");
        int first = Math.max(1, step.line() - 1);
        int last = Math.min(Math.min(lines.length, step.end() + 1), step.line() + LINES_MAX);
        for (int number = first; number <= last; number++) {
            boolean own = number >= step.line() && number <= step.end();
            shown.append("%4d | %s %s\n".formatted(number, own ? ">>>" : "   ", lines[number - 1]));
            if (number == step.line()) {
                int indent = lines[number - 1].length() - lines[number - 1].stripLeading().length();
                shown.append("     |     ").append(" ".repeat(indent)).append("^\n");
            }
        }
        return shown.append("--------------------").toString();
    }
}
