package dev.hostal.oci.dockerfile;

/// White space, of which Dockerfiles know two kinds. Source: BuildKit's parser, and Go's unicode.IsSpace.
final class Space {
    private Space() {}

    /// What is taken off the ends of lines, and parts quoted words: Unicode's White_Space.
    static boolean is(char c) {
        return c >= '\t' && c <= '\r' || c == ' ' || c == '\u0085' || c == '\u00a0' || c == '\u1680' || c >= '\u2000'
                && c <= '\u200a'
                || c == '\u2028' || c == '\u2029' || c == '\u202f' || c == '\u205f' || c == '\u3000';
    }

    /// What parts an instruction from its arguments, and plain arguments from each other.
    static boolean parts(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\u000b' || c == '\f';
    }

    static String strip(String text) {
        int end = text.length();
        while (end > 0 && is(text.charAt(end - 1))) end--;
        return stripLeading(text.substring(0, end));
    }

    static String stripLeading(String text) {
        int begin = 0;
        while (begin < text.length() && is(text.charAt(begin))) begin++;
        return text.substring(begin);
    }

    static boolean isBlank(String text) {
        return stripLeading(text).isEmpty();
    }

    static boolean isComment(String line) {
        return stripLeading(line).startsWith("#");
    }
}
