package dev.hostal.oci.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The text of a Dockerfile in its lines: directives, continuations, comments and here-documents.
///
/// @param directives such as `syntax` and `escape`, by their names in lower case
record DockerfileText(Map<String, String> directives, char escape, List<Line> lines) {
    private static final Pattern DIRECTIVE = Pattern.compile("#\\s*([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*");
    private static final Pattern DOCUMENT = Pattern.compile("(\\d*)<<(-?)([^<]*)");
    private static final Set<String> DIRECTIVES = Set.of("syntax", "escape", "check");
    private static final Set<String> WITH_DOCUMENTS = Set.of("add", "copy", "run");
    /// Longest text. Chosen: a hundred times what anybody writes.
    private static final int LENGTH_MAX = 8 << 20;

    /// @throws DockerfileException a directive or a here-document is wrong, or there is no instruction
    static DockerfileText parse(String text) {
        if (text.length() > LENGTH_MAX) throw new DockerfileException(1, "", 0, "the Dockerfile is longer than %d characters".formatted(LENGTH_MAX));
        var plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
        var lines = plain.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].endsWith("\r")) lines[i] = lines[i].substring(0, lines[i].length() - 1);
        }
        var reader = new Reader(lines);
        reader.directives();
        reader.instructions();
        if (reader.found.isEmpty()) throw new DockerfileException(1, lines[0], 0, "the file has no instructions");
        return new DockerfileText(Map.copyOf(reader.directives), reader.escape, List.copyOf(reader.found));
    }

    private static final class Reader {
        private final String[] lines;
        private final Map<String, String> directives = new LinkedHashMap<>();
        private final List<Line> found = new ArrayList<>();
        private char escape = '\\';
        private int at;

        Reader(String[] lines) {
            this.lines = lines;
        }

        /// Directives stand before everything else, comments included.
        void directives() {
            for (; at < lines.length; at++) {
                var form = DIRECTIVE.matcher(lines[at].strip());
                if (!form.matches()) return;
                var name = form.group(1).toLowerCase(Locale.ROOT);
                if (!DIRECTIVES.contains(name)) return;
                if (directives.put(name, form.group(2)) != null) throw wrong("only one %s parser directive can be used".formatted(name));
                if (name.equals("escape")) setEscape(form.group(2));
            }
        }

        private void setEscape(String value) {
            if (!value.equals("\\") && !value.equals("`")) {
                throw wrong("invalid escape token '%s': it is \\ or `".formatted(value));
            }
            escape = value.charAt(0);
        }

        void instructions() {
            while (at < lines.length) {
                var text = lines[at].stripLeading();
                if (text.isBlank() || text.startsWith("#")) {
                    at++;
                    continue;
                }
                instruction();
            }
        }

        private void instruction() {
            int first = at;
            var joined = new StringBuilder();
            boolean goesOn = append(joined, lines[at++].stripLeading());
            while (goesOn && at < lines.length) {
                var next = lines[at++];
                // Comments and empty lines within an instruction are as if they were not there.
                if (next.stripLeading().startsWith("#") || next.isBlank()) continue;
                goesOn = append(joined, next);
            }
            var text = joined.toString().strip();
            var documents = documents(text, first);
            found.add(new Line(first + 1, at, lines[first], text, documents));
        }

        /// @return whether the next line belongs to it
        private boolean append(StringBuilder joined, String line) {
            int end = line.length();
            while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) end--;
            boolean goesOn = end > 0 && line.charAt(end - 1) == escape && (end == 1 || line.charAt(end - 2) != escape);
            joined.append(goesOn ? line.substring(0, end - 1) : line);
            return goesOn;
        }

        private List<HereDocument> documents(String text, int first) {
            var words = text.split("\\s+", 3);
            var name = words[0].toLowerCase(Locale.ROOT);
            if (name.equals("onbuild") && words.length > 1) name = words[1].toLowerCase(Locale.ROOT);
            if (!WITH_DOCUMENTS.contains(name)) return List.of();
            var documents = new ArrayList<HereDocument>();
            for (var word : Words.split(text, escape)) {
                var form = DOCUMENT.matcher(word);
                if (!form.matches() || form.group(3).isEmpty()) continue;
                var ending = Words.unquote(form.group(3), escape);
                if (ending.isEmpty()) continue;
                documents.add(document(form.group(1), form.group(2).equals("-"), ending, ending.equals(form.group(3)), first));
            }
            return documents;
        }

        private HereDocument document(String descriptor, boolean tabs, String ending, boolean expand, int first) {
            var content = new StringBuilder();
            while (at < lines.length) {
                var line = lines[at++];
                var shown = tabs ? line.replaceFirst("^\t+", "") : line;
                if (shown.equals(ending)) {
                    return new HereDocument(ending, expand, descriptor.isEmpty() ? 0 : Integer.parseInt(descriptor), content.toString());
                }
                content.append(shown).append('\n');
            }
            throw new DockerfileException(first + 1, lines[first], Math.max(0, lines[first].indexOf("<<")),
                    "unterminated heredoc: no line is '%s' alone".formatted(ending));
        }

        private DockerfileException wrong(String why) {
            return new DockerfileException(at + 1, lines[at], 0, why);
        }
    }
}
