package dev.hostal.oci.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Fills in variables: `$name`, `${name}` and the modifiers `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`.
/// Quotes are taken off, and within single quotes nothing is filled in.
///
/// Source: Dockerfile reference, "Environment replacement"; for its details the POSIX shell.
public final class Substitution {
    /// Deepest nesting of `${…${…}}`. Chosen.
    private static final int DEPTH_MAX = 20;

    private final Function<String, Optional<String>> variables;
    private final char escape;
    private final boolean keepsQuotes;

    /// @param variables the value of each variable that is set
    public Substitution(Function<String, Optional<String>> variables, char escape) {
        this(variables, escape, false);
    }

    private Substitution(Function<String, Optional<String>> variables, char escape, boolean keepsQuotes) {
        this.variables = variables;
        this.escape = escape;
        this.keepsQuotes = keepsQuotes;
    }

    /// One that leaves quotes as they are, as in the body of a here-document.
    public Substitution keepingQuotes() {
        return new Substitution(variables, escape, true);
    }

    /// @throws IllegalArgumentException a substitution is not as it should be, or a needed variable is missing
    public String in(String word) {
        return new Scan(word, 0).all();
    }

    /// The word as several, parted where white space stands outside of quotes or comes from a variable.
    public List<String> words(String text) {
        var words = new ArrayList<String>();
        for (var word : Words.split(text, escape)) {
            boolean quoted = word.indexOf('"') >= 0 || word.indexOf('\'') >= 0;
            var filled = in(word);
            if (quoted) words.add(filled);
            else words.addAll(List.of(filled.strip().split("\\s+")));
        }
        words.removeIf(String::isEmpty);
        return words;
    }

    private final class Scan {
        private final String text;
        private final int depth;
        private int at;

        Scan(String text, int depth) {
            if (depth > DEPTH_MAX) throw new IllegalArgumentException("substitutions are nested deeper than %d".formatted(DEPTH_MAX));
            this.text = text;
            this.depth = depth;
        }

        String all() {
            var out = new StringBuilder();
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '\'' && !keepsQuotes) single(out);
                else if (c == '"' && !keepsQuotes) twofold(out);
                else if (c == '$') out.append(variable());
                else if (c == escape) escaped(out);
                else {
                    out.append(c);
                    at++;
                }
            }
            return out.toString();
        }

        private void escaped(StringBuilder out) {
            at++;
            if (at >= text.length()) {
                out.append(escape);
            } else {
                if (keepsQuotes && text.charAt(at) != '$' && text.charAt(at) != escape) out.append(escape);
                out.append(text.charAt(at++));
            }
        }

        private void single(StringBuilder out) {
            int end = text.indexOf('\'', at + 1);
            if (end < 0) throw new IllegalArgumentException("unexpected end of statement while looking for matching single-quote");
            out.append(text, at + 1, end);
            at = end + 1;
        }

        private void twofold(StringBuilder out) {
            at++;
            while (true) {
                if (at >= text.length()) throw new IllegalArgumentException("unexpected end of statement while looking for matching double-quote");
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return;
                }
                if (c == '$') {
                    out.append(variable());
                } else if (c == escape && at + 1 < text.length()) {
                    char next = text.charAt(at + 1);
                    if (next != '"' && next != '$' && next != escape) out.append(c);
                    out.append(next);
                    at += 2;
                } else {
                    out.append(c);
                    at++;
                }
            }
        }

        private String variable() {
            at++;
            if (at < text.length() && text.charAt(at) == '{') {
                at++;
                return braced();
            }
            var name = name();
            return name.isEmpty() ? "$" : value(name).orElse("");
        }

        private String name() {
            int begin = at;
            if (at < text.length() && "@*#?!-".indexOf(text.charAt(at)) >= 0) return "";
            if (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
                return text.substring(begin, at);
            }
            while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) at++;
            return text.substring(begin, at);
        }

        private Optional<String> value(String name) {
            return variables.apply(name);
        }

        private String braced() {
            var name = name();
            if (at >= text.length()) throw new IllegalArgumentException("syntax error: missing '}'");
            if (name.isEmpty()) throw new IllegalArgumentException("syntax error: bad substitution");
            char c = text.charAt(at++);
            if (c == '}') return value(name).orElse("");
            boolean emptyToo = c == ':';
            if (emptyToo) {
                if (at >= text.length()) throw new IllegalArgumentException("syntax error: missing '}'");
                c = text.charAt(at++);
            }
            var set = value(name).filter(value -> !emptyToo || !value.isEmpty());
            return switch (c) {
                case '-' -> {
                    var word = word();
                    yield set.orElse(word);
                }
                case '+' -> {
                    var word = word();
                    yield set.isPresent() ? word : "";
                }
                case '?' -> {
                    var word = word();
                    yield set.orElseThrow(() -> new IllegalArgumentException("%s: %s".formatted(name,
                            word.isEmpty() ? "is not allowed to be " + (emptyToo ? "empty" : "unset") : word)));
                }
                case '#', '%' -> {
                    if (emptyToo) throw unsupported(c);
                    yield trimmed(value(name).orElse(""), c);
                }
                case '/' -> {
                    if (emptyToo) throw unsupported(c);
                    yield replaced(value(name).orElse(""));
                }
                default -> throw unsupported(c);
            };
        }

        private IllegalArgumentException unsupported(char c) {
            return new IllegalArgumentException("unsupported modifier (%c) in substitution".formatted(c));
        }

        /// What stands before the closing brace, filled in.
        private String word() {
            return new Scan(raw("}"), depth + 1).all();
        }

        /// Takes the text up to one of the ends, and the end itself; braces and quotes within are skipped.
        private String raw(String ends) {
            int begin = at;
            int open = 0;
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == escape && at + 1 < text.length()) {
                    at += 2;
                    continue;
                }
                if (open == 0 && ends.indexOf(c) >= 0) return text.substring(begin, at++);
                if (c == '{' && at > 0 && text.charAt(at - 1) == '$') open++;
                else if (c == '}') open--;
                at++;
            }
            throw new IllegalArgumentException("syntax error: missing '}'");
        }

        private String trimmed(String value, char side) {
            boolean greedy = at < text.length() && text.charAt(at) == side;
            if (greedy) at++;
            var pattern = glob(word(), greedy);
            if (side == '#') {
                var prefix = Pattern.compile(pattern, Pattern.DOTALL).matcher(value);
                return prefix.lookingAt() ? value.substring(prefix.end()) : value;
            }
            // The shortest suffix begins last, the longest first.
            for (int i = 0; i <= value.length(); i++) {
                int from = greedy ? i : value.length() - i;
                if (Pattern.compile(pattern, Pattern.DOTALL).matcher(value.substring(from)).matches()) return value.substring(0, from);
            }
            return value;
        }

        private String replaced(String value) {
            boolean every = at < text.length() && text.charAt(at) == '/';
            if (every) at++;
            var parts = raw("}");
            int slash = slash(parts);
            var pattern = new Scan(slash < 0 ? parts : parts.substring(0, slash), depth + 1).all();
            var by = slash < 0 ? "" : new Scan(parts.substring(slash + 1), depth + 1).all();
            var matcher = Pattern.compile(glob(pattern.replace(escape + "/", "/"), true), Pattern.DOTALL).matcher(value);
            var literal = Matcher.quoteReplacement(by);
            return every ? matcher.replaceAll(literal) : matcher.replaceFirst(literal);
        }

        private int slash(String parts) {
            for (int i = 0; i < parts.length(); i++) {
                if (parts.charAt(i) == escape) i++;
                else if (parts.charAt(i) == '/') return i;
            }
            return -1;
        }

        private String glob(String pattern, boolean greedy) {
            var regex = new StringBuilder();
            for (int i = 0; i < pattern.length(); i++) {
                char c = pattern.charAt(i);
                if (c == escape && i + 1 < pattern.length()) regex.append(Pattern.quote(String.valueOf(pattern.charAt(++i))));
                else if (c == '*') regex.append(greedy ? ".*" : ".*?");
                else if (c == '?') regex.append('.');
                else regex.append(Pattern.quote(String.valueOf(c)));
            }
            return regex.toString();
        }
    }
}
