package dev.hostal.image.build;

import dev.hostal.oci.dockerfile.DockerfileException;

/// An error with its place: file and line, the lines of the instruction, and what is wrong.
final class Excerpt {
    private static final int LINES_MAX = 10;
    /// How much of a long line is shown before and after the place. Chosen.
    private static final int COLUMNS_MAX = 200;

    private Excerpt() {}

    static String of(String file, String text, BuildFailure failure) {
        var step = failure.step();
        return of(file, text, step.line(), step.end(), -1, failure.getMessage());
    }

    static String of(String file, String text, DockerfileException wrong) {
        return of(file, text, wrong.line(), wrong.line(), wrong.column(), wrong.why());
    }

    /// @param column where the caret points; negative: at the first word
    private static String of(String file, String text, int line, int end, int column, String why) {
        var lines = text.split("\r?\n", -1);
        var shown = new StringBuilder("%s:%d: %s\n".formatted(file, line, why));
        shown.append("--------------------\n");
        int first = Math.max(1, line - 1);
        int last = Math.min(Math.min(lines.length, end + 1), line + LINES_MAX);
        for (int number = first; number <= last; number++) {
            var raw = lines[number - 1];
            boolean own = number >= line && number <= end;
            int indent = raw.length() - raw.stripLeading().length();
            int caret = Math.min(raw.length(), column < 0 ? indent : column);
            int begin = number == line ? Math.max(0, caret - COLUMNS_MAX) : 0;
            shown.append("%4d | %s %s\n".formatted(number, own ? ">>>" : "   ",
                    plain(raw.substring(begin, Math.min(raw.length(), begin + 2 * COLUMNS_MAX)))));
            if (number == line) shown.append("     |     ").append(below(raw.substring(begin, caret))).append("^\n");
        }
        return shown.append("--------------------").toString();
    }

    private static String plain(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\t]]", "\uFFFD");
    }

    /// As wide as what stands above it; tabs stay tabs.
    private static String below(String above) {
        var below = new StringBuilder();
        above.codePoints().forEach(c -> below.append(c == '\t' ? '\t' : ' '));
        return below.toString();
    }
}
