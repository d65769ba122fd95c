package dev.hostal.model;

import java.util.ArrayList;
import java.util.List;

/// A `.dockerignore`: which files of a context do not count. The last rule that fits decides.
///
/// Source: Dockerfile reference, ".dockerignore file"; for `..` Go's filepath.Clean.
public final class IgnoreFile {
    /// @param text cleaned, with its exclamation mark
    private record Rule(String text, PathPattern pattern, boolean again) {}

    private final List<Rule> rules;

    private IgnoreFile(List<Rule> rules) {
        this.rules = rules;
    }

    /// @throws IllegalArgumentException a pattern is none, with its line
    public static IgnoreFile parse(String text) {
        var rules = new ArrayList<Rule>();
        var lines = (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\\r?\\n");
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].startsWith("#")) continue;
            var line = lines[i].strip();
            if (line.isEmpty()) continue;
            boolean again = line.startsWith("!");
            var pattern = clean(again ? line.substring(1).strip() : line);
            if (again && pattern.isEmpty()) {
                throw new IllegalArgumentException("line %d: an exclamation mark alone is no pattern".formatted(i + 1));
            }
            if (pattern.isEmpty() || pattern.equals(".")) continue;
            try {
                rules.add(new Rule((again ? "!" : "") + pattern, PathPattern.of(pattern), again));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line %d: '%s' is no pattern: %s".formatted(i + 1, line, e.getMessage()), e);
            }
        }
        return new IgnoreFile(List.copyOf(rules));
    }

    /// Whether the file at this path, relative to the context and with slashes, does not count. What lies in a folder that
    /// a rule names is named too.
    public boolean ignores(String path) {
        boolean ignored = false;
        for (var rule : rules) {
            if (rule.again() == ignored && fits(rule.pattern(), path)) ignored = !rule.again();
        }
        return ignored;
    }

    /// The rules as they stand there, cleaned and without comments.
    public List<String> patterns() {
        return rules.stream().map(Rule::text).toList();
    }

    /// Whether something in the folder may count although the folder itself does not.
    public boolean mayHoldExceptions() {
        return rules.stream().anyMatch(Rule::again);
    }

    private static boolean fits(PathPattern pattern, String path) {
        if (pattern.fits(path)) return true;
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            if (pattern.fits(path.substring(0, slash))) return true;
        }
        return false;
    }

    /// The shortest path that means the same: no leading slash, no `.` or doubled slashes, no `..` behind a name.
    private static String clean(String pattern) {
        var parts = new ArrayList<String>();
        for (var part : pattern.split("/")) {
            if (part.isEmpty() || part.equals(".")) continue;
            boolean up = part.equals("..");
            // What leads out of the context stays so, and fits nothing.
            if (!up || parts.isEmpty() && !pattern.startsWith("/") || !parts.isEmpty() && parts.getLast()
                    .equals("..")) parts.add(part);
            else if (!parts.isEmpty()) parts.removeLast();
        }
        return String.join("/", parts);
    }
}
