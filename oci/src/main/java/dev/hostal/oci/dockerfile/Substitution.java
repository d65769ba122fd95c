package dev.hostal.oci.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Fills in variables: `$name`, `${name}` and the modifiers `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`.
/// Quotes are taken off, and within single quotes nothing is filled in.
///
/// Source: Dockerfile reference, "Environment replacement"; for its details BuildKit's lexer, which follows the POSIX shell.
public final class Substitution {
    /// Deepest nesting of `${…${…}}`. Chosen.
    private static final int DEPTH_MAX = 100;
    /// No character: the end of the text.
    private static final int NEVER = -1;

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

    /// One that leaves quotes as they are, as in the body of a here-document, where a backslash always escapes.
    public Substitution keepingQuotes() {
        return new Substitution(variables, '\\', true);
    }

    /// @throws IllegalArgumentException a substitution is not as it should be, or a needed variable is missing
    public String in(String word) {
        return new Scan(word, Optional.empty()).all();
    }

    /// The word as several, parted where white space stands outside of quotes or comes from a variable.
    public List<String> words(String text) {
        var words = new Collected();
        new Scan(text, Optional.of(words)).all();
        return words.all();
    }

    /// Words as they are found.
    private static final class Collected {
        private final ArrayList<String> words = new ArrayList<>();
        private final StringBuilder word = new StringBuilder();

        void add(String text, boolean parted) {
            for (int i = 0; i < text.length(); i++) {
                if (parted && Space.is(text.charAt(i))) end();
                else word.append(text.charAt(i));
            }
        }

        private void end() {
            if (!word.isEmpty()) words.add(word.toString());
            word.setLength(0);
        }

        List<String> all() {
            end();
            return List.copyOf(words);
        }
    }

    private final class Scan {
        private final String text;
        private final Optional<Collected> words;
        private int at;
        private int depth;

        Scan(String text, Optional<Collected> words) {
            this.text = text;
            this.words = words;
        }

        String all() {
            return until(NEVER, false);
        }

        private boolean ended() {
            return at >= text.length();
        }

        /// Takes what comes before the stop, filled in, and the stop itself.
        ///
        /// @param raw escapes stay where they are
        private String until(int stop, boolean raw) {
            if (++depth > DEPTH_MAX) {
                throw new IllegalArgumentException("substitutions are nested deeper than %d".formatted(DEPTH_MAX));
            }
            var out = new StringBuilder();
            while (!ended()) {
                char c = text.charAt(at);
                if (c == stop) {
                    at++;
                    depth--;
                    return out.toString();
                }
                if (c == '\'' && !keepsQuotes) took(out, single(), false);
                else if (c == '"' && !keepsQuotes) took(out, twofold(raw), false);
                else if (c == '$') took(out, variable(), true);
                else if (c == escape) took(out, escaped(raw), false);
                else {
                    at++;
                    took(out, String.valueOf(c), true);
                }
            }
            if (stop == '/') throw new IllegalArgumentException("syntax error: missing '/' in ${}");
            if (stop == '}') throw new IllegalArgumentException("syntax error: missing '}'");
            depth--;
            return out.toString();
        }

        private void took(StringBuilder out, String piece, boolean parted) {
            out.append(piece);
            if (depth == 1) words.ifPresent(found -> found.add(piece, parted));
        }

        /// One at the end escapes nothing.
        private String escaped(boolean raw) {
            int begin = at++;
            if (!ended()) at++;
            return text.substring(raw ? begin : begin + 1, at);
        }

        private String single() {
            int end = text.indexOf('\'', at + 1);
            if (end < 0) {
                throw new IllegalArgumentException("unexpected end of statement while looking for matching single-quote");
            }
            var quoted = text.substring(at + 1, end);
            at = end + 1;
            return quoted;
        }

        private String twofold(boolean raw) {
            var out = new StringBuilder();
            for (at++; !ended(); ) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return out.toString();
                }
                if (c == '$') {
                    out.append(variable());
                    continue;
                }
                boolean escapes = c == escape && at + 1 < text.length() && isEscapable(text.charAt(at + 1));
                if (!escapes || raw) out.append(c);
                if (escapes) out.append(text.charAt(++at));
                at++;
            }
            throw new IllegalArgumentException("unexpected end of statement while looking for matching double-quote");
        }

        private boolean isEscapable(char c) {
            return c == '"' || c == '$' || c == escape;
        }

        private String variable() {
            at++;
            if (!ended() && text.charAt(at) == '{') {
                at++;
                return braced();
            }
            var name = name();
            return name.isEmpty() ? "$" : variables.apply(name).orElse("");
        }

        /// Letters, digits and `_`; digits alone where one comes first; or one of the shell's special parameters.
        private String name() {
            int begin = at;
            if (ended()) return "";
            if ("@*#?-$!".indexOf(text.charAt(at)) >= 0) {
                at++;
            } else if (Character.isDigit(text.codePointAt(at))) {
                while (!ended() && Character.isDigit(text.codePointAt(at))) at += Character.charCount(text.codePointAt(at));
            } else {
                while (!ended() && isOfName(text.codePointAt(at))) at += Character.charCount(text.codePointAt(at));
            }
            return text.substring(begin, at);
        }

        private boolean isOfName(int c) {
            return Character.isLetterOrDigit(c) || c == '_';
        }

        private String braced() {
            if (ended()) throw new IllegalArgumentException("syntax error: missing '}'");
            if ("{}:".indexOf(text.charAt(at)) >= 0) throw new IllegalArgumentException("syntax error: bad substitution");
            var name = name();
            if (ended()) throw new IllegalArgumentException("syntax error: missing '}'");
            char c = text.charAt(at++);
            var value = variables.apply(name);
            if (c == '}') return value.orElse("");
            if (c == '/') return replaced(value.orElse(""));
            boolean emptyToo = c == ':';
            if (emptyToo) {
                if (ended()) throw new IllegalArgumentException("syntax error: missing '}'");
                c = text.charAt(at++);
            }
            if ("-+?#%".indexOf(c) < 0 || emptyToo && (c == '#' || c == '%')) throw new IllegalArgumentException(
                    "unsupported modifier (%s%c) in substitution".formatted(emptyToo ? ":" : "", c));
            boolean pattern = c == '#' || c == '%';
            var word = until('}', pattern);
            var set = value.filter(text -> !emptyToo || !text.isEmpty());
            return switch (c) {
                case '-' -> set.orElse(word);
                case '+' -> set.isPresent() ? word : "";
                case '?' -> set.orElseThrow(() -> new IllegalArgumentException("%s: %s".formatted(name, !word.isEmpty() ? word
                        : "is not allowed to be " + (value.isPresent() ? "empty" : "unset"))));
                default -> trimmed(value.orElse(""), word, c);
            };
        }

        private String trimmed(String value, String word, char side) {
            boolean longest = !word.isEmpty() && word.charAt(0) == side;
            var pattern = ShellPattern.of(longest ? word.substring(1) : word);
            if (side == '#') return value.substring(Math.max(0, pattern.prefix(value, 0, longest)));
            var turned = new StringBuilder(value).reverse().toString();
            return value.substring(0, value.length() - Math.max(0, pattern.reversed().prefix(turned, 0, longest)));
        }

        private String replaced(String value) {
            boolean every = !ended() && text.charAt(at) == '/';
            if (every) at++;
            var pattern = until('/', true);
            var by = until('}', true);
            return ShellPattern.of(pattern).replaced(value, by, every);
        }
    }
}
