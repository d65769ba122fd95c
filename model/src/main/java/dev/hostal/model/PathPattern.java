package dev.hostal.model;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A pattern of paths with slashes: `*`, `?` and `[a-z]` within a part, `**` for any number of parts.
/// Source: Go, path/filepath, Match; for `**` the Dockerfile reference, ".dockerignore file".
public record PathPattern(Pattern regex) {
    /// @throws IllegalArgumentException it is none
    public static PathPattern of(String pattern) {
        try {
            return new PathPattern(Pattern.compile(regex(pattern), Pattern.DOTALL));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(e.getDescription(), e);
        }
    }

    /// Whether a path could be one: it has a character that means something.
    public static boolean isPattern(String text) {
        return text.chars().anyMatch(c -> "*?[\\".indexOf(c) >= 0);
    }

    public boolean fits(String path) {
        return regex.matcher(path).matches();
    }

    private static String regex(String pattern) {
        var regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            switch (c) {
                case '*' -> {
                    boolean folders = pattern.startsWith("**/", i);
                    boolean all = pattern.startsWith("**", i);
                    regex.append(folders ? "(?:.*/)?" : all ? ".*" : "[^/]*");
                    i += folders ? 2 : all ? 1 : 0;
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
