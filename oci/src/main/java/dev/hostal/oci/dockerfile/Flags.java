package dev.hostal.oci.dockerfile;

import dev.hostal.json.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The flags of an instruction. Source: Dockerfile reference; for quotes, repetition and `--` BuildKit's behaviour.
///
/// @param values by name without dashes; `true` or `false` where the flag is a switch
/// @param rest what follows them
record Flags(Map<String, List<String>> values, String rest) {
    private enum Form { SWITCH, ONCE, REPEATED }

    private static final Map<String, Map<String, Form>> KNOWN = Map.of(
            "FROM", Map.of("platform", Form.ONCE),
            "RUN", Map.of("mount", Form.REPEATED, "network", Form.ONCE, "security", Form.ONCE, "device", Form.REPEATED),
            "COPY", Map.of("from", Form.ONCE, "chown", Form.ONCE, "chmod", Form.ONCE, "link", Form.SWITCH, "parents", Form.SWITCH,
                    "exclude", Form.REPEATED),
            "ADD", Map.of("chown", Form.ONCE, "chmod", Form.ONCE, "link", Form.SWITCH, "exclude", Form.REPEATED,
                    "checksum", Form.ONCE, "keep-git-dir", Form.SWITCH, "unpack", Form.SWITCH),
            "HEALTHCHECK", Map.of("interval", Form.ONCE, "timeout", Form.ONCE, "start-period", Form.ONCE,
                    "start-interval", Form.ONCE, "retries", Form.ONCE));

    /// @param text what follows the instruction's name
    /// @throws DockerfileException a flag is unknown, or not as it should be
    static Flags of(String instruction, String text, char escape, Line line) {
        var known = KNOWN.getOrDefault(instruction, Map.of());
        var values = new LinkedHashMap<String, List<String>>();
        var scan = new Scan(text, escape);
        while (scan.flag()) {
            var word = scan.word();
            if (word.equals("--")) break;
            take(word, known, values, line);
        }
        return new Flags(values, Space.strip(text.substring(scan.at)));
    }

    private static void take(String word, Map<String, Form> known, Map<String, List<String>> values, Line line) {
        int equals = word.indexOf('=');
        var shown = equals < 0 ? word : word.substring(0, equals);
        var name = shown.substring(2);
        var form = known.get(name);
        if (form == null) throw line.wrong(shown,
                known.isEmpty() ? "unknown flag: %s (this instruction has none)".formatted(shown)
                : "unknown flag: %s (did you mean --%s?)".formatted(shown,
                        Nearest.of(name, known.keySet().toArray(String[]::new))));
        if (form != Form.REPEATED && values.containsKey(name)) {
            throw line.wrong(shown, "duplicate flag specified: %s".formatted(shown));
        }
        var value = equals < 0 ? "" : word.substring(equals + 1);
        if (form != Form.SWITCH && equals < 0 || form == Form.SWITCH && equals >= 0 && value.isEmpty()) {
            throw line.wrong(shown, "missing a value on flag: %s".formatted(shown));
        }
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(form == Form.SWITCH ? switched(shown, value, line) : value);
    }

    private static String switched(String shown, String value, Line line) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "", "true" -> "true";
            case "false" -> "false";
            default -> throw line.wrong(value, "expecting boolean value for flag %s, not: %s".formatted(shown, value));
        };
    }

    private static final class Scan {
        private final String text;
        private final char escape;
        private int at;

        Scan(String text, char escape) {
            this.text = text;
            this.escape = escape;
        }

        /// Whether a flag comes next.
        boolean flag() {
            while (at < text.length() && Space.is(text.charAt(at))) at++;
            return text.startsWith("--", at);
        }

        /// Takes a word without its quotes and escapes.
        String word() {
            var word = new StringBuilder();
            char quote = 0;
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                if (quote == 0 && Space.is(c)) break;
                if (c == escape) {
                    if (at + 1 < text.length()) word.append(text.charAt(++at));
                } else if (quote == 0 && (c == '"' || c == '\'')) {
                    quote = c;
                } else if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            }
            return word.toString();
        }
    }
}
