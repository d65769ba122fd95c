package dev.hostal.image.build;

import java.util.regex.Pattern;

/// A pattern of Go's `filepath.Match`, and `**` for any number of folders. Source: Go, package path/filepath.
record Glob(Pattern regex) {
    /// @throws IllegalArgumentException it is none
    static Glob of(String pattern) {
        return new Glob(Pattern.compile(regex(pattern), Pattern.DOTALL));
    }

    static boolean isPattern(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0 || text.indexOf('[') >= 0 || text.indexOf('\\') >= 0;
    }

    boolean fits(String path) {
        return regex.matcher(path).matches();
    }

    private static String regex(String pattern) {
        var regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            switch (c) {
                case '*' -> {
                    boolean folders = pattern.startsWith("**/", i);
                    if (folders) regex.append("(?:.*/)?");
                    else regex.append(pattern.startsWith("**", i) ? ".*" : "[^/]*");
                    i += folders ? 2 : pattern.startsWith("**", i) ? 1 : 0;
                }
                case '?' -> regex.append("[^/]");
                case '\\' -> {
                    if (++i >= pattern.length()) throw new IllegalArgumentException("it ends with a backslash");
                    regex.append(Pattern.quote(String.valueOf(pattern.charAt(i))));
                }
                case '[' -> {
                    int end = pattern.indexOf(']', i + 2);
                    if (end < 0) throw new IllegalArgumentException("a bracket is not closed");
                    regex.append('[').append(pattern.substring(i + 1, end).replace("[", "\\[").replace("&", "\\&")).append(']');
                    i = end;
                }
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
    }
}
