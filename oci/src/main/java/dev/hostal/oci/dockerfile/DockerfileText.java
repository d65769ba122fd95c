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
    private static final Set<String> DIRECTIVES = Set.of("syntax", "escape", "check");
    private static final Set<String> WITH_DOCUMENTS = Set.of("add", "copy", "run");
    /// Longest text. Chosen: a hundred times what anybody writes.
    private static final int LENGTH_MAX = 8 << 20;

    /// @throws DockerfileException a directive or a here-document is wrong, or there is no instruction
    static DockerfileText parse(String text) {
        if (text.length() > LENGTH_MAX) {
            throw new DockerfileException(1, "", 0,
                    "the Dockerfile is longer than %d characters".formatted(LENGTH_MAX));
        }
        var reader = new Reader((text.startsWith("\uFEFF") ? text.substring(1) : text).split("\n", -1));
        reader.directives();
        reader.instructions();
        if (reader.found.isEmpty()) throw new DockerfileException(1, trimmed(reader.lines[0]), 0, "the file has no instructions");
        return new DockerfileText(Map.copyOf(reader.directives), reader.escape, List.copyOf(reader.found));
    }

    private static String trimmed(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\r') end--;
        return line.substring(0, end);
    }

    private static final class Reader {
        /// Without their `\n`.
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
                var form = DIRECTIVE.matcher(Space.strip(lines[at]));
                if (!form.matches()) return;
                var name = form.group(1).toLowerCase(Locale.ROOT);
                if (!DIRECTIVES.contains(name)) return;
                if (directives.put(name, form.group(2)) != null) {
                    throw wrong("only one %s parser directive can be used".formatted(name));
                }
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
                if (Space.isBlank(lines[at]) || Space.isComment(lines[at])) at++;
                else instruction();
            }
        }

        private void instruction() {
            int first = at;
            var joined = new StringBuilder();
            boolean goesOn = append(joined, Space.stripLeading(lines[at++]));
            while (goesOn && at < lines.length) {
                var next = lines[at++];
                // Comments and empty lines within an instruction are as if they were not there.
                if (!Space.isComment(next) && !Space.isBlank(next)) goesOn = append(joined, next);
            }
            var text = Space.strip(joined.toString());
            var documents = documents(text, first);
            found.add(new Line(first + 1, shown(first), text, documents));
        }

        private List<String> shown(int first) {
            var shown = new ArrayList<String>();
            for (int i = first; i < at; i++) shown.add(trimmed(lines[i]));
            return shown;
        }

        /// @return whether the next line belongs to it
        private boolean append(StringBuilder joined, String raw) {
            var line = trimmed(raw);
            int end = line.length();
            while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) end--;
            boolean goesOn = end > 0 && line.charAt(end - 1) == escape && (end == 1 || line.charAt(end - 2) != escape);
            joined.append(goesOn ? line.substring(0, end - 1) : line);
            return goesOn;
        }

        /// What stands in a JSON array is quoted, so that nothing begins there.
        private List<HereDocument> documents(String text, int first) {
            var head = Words.head(text);
            if (head[0].equalsIgnoreCase("onbuild")) head = Words.head(head[1]);
            if (!text.contains("<<") || !WITH_DOCUMENTS.contains(head[0].toLowerCase(Locale.ROOT))) {
                return List.of();
            }
            var documents = new ArrayList<HereDocument>();
            for (var start : HereDocumentStart.in(text)) {
                documents.add(document(start, first));
            }
            return documents;
        }

        private HereDocument document(HereDocumentStart start, int first) {
            var content = new StringBuilder();
            for (; at < lines.length; at++) {
                var line = start.tabs() ? lines[at].replaceFirst("^\t+", "") : lines[at];
                if (trimmed(line).equals(start.name())) {
                    at++;
                    return new HereDocument(start.name(), start.expand(), start.fileDescriptor(), content.toString());
                }
                content.append(line).append('\n');
            }
            int number = first;
            while (number < lines.length - 1 && !lines[number].contains("<<")) number++;
            throw new DockerfileException(number + 1, trimmed(lines[number]), Math.max(0, lines[number].indexOf("<<")),
                    "unterminated heredoc: no line is '%s' alone".formatted(start.name()));
        }

        private DockerfileException wrong(String why) {
            return new DockerfileException(at + 1, trimmed(lines[at]), 0, why);
        }
    }
}
