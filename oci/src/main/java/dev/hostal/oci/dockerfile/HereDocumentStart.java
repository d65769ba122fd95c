package dev.hostal.oci.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a here-document begins: `<<NAME`, `<<-NAME`, `3<<"NAME"`. Source: Dockerfile reference, "Here-Documents", and for
/// what it leaves open BuildKit, where a backslash escapes in them whatever the directive says.
///
/// @param tabs those at the beginnings of lines do not count
record HereDocumentStart(String name, boolean expand, int fileDescriptor, boolean tabs) {
    private static final Pattern FORM = Pattern.compile("(\\d*)<<(-?)\\s*([^<]*)");
    /// Longer numbers are no file descriptors of anybody.
    private static final int DIGITS_MAX = 9;

    /// Those of a line, in their order.
    static List<HereDocumentStart> in(String line) {
        return words(line).stream().flatMap(word -> of(word).stream()).toList();
    }

    /// @param word with its quotes
    static Optional<HereDocumentStart> of(String word) {
        var form = FORM.matcher(word);
        if (!form.matches()) return Optional.empty();
        var name = new StringBuilder();
        char quote = 0;
        boolean quoted = false;
        var rest = form.group(3);
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (quote == 0 && Space.is(c)) return Optional.empty();
            if (c == '\\' && quote != '\'' && i + 1 < rest.length() && (quote == 0 || "\"$\\".indexOf(rest.charAt(i + 1)) >= 0)) {
                name.append(rest.charAt(++i));
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                quoted = true;
            } else if (c == quote) {
                quote = 0;
            } else {
                name.append(c);
            }
        }
        if (name.isEmpty() || quote != 0) return Optional.empty();
        var digits = form.group(1);
        int descriptor = digits.isEmpty() ? 0 : digits.length() > DIGITS_MAX ? Integer.MAX_VALUE : Integer.parseInt(digits);
        return Optional.of(new HereDocumentStart(name.toString(), !quoted, descriptor, !form.group(2).isEmpty()));
    }

    /// The words of a line with their quotes; none where a quote is not closed. White space may follow `<<`, and what is
    /// shifted to the left in `$((…))` begins nothing.
    static List<String> words(String line) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        char quote = 0;
        int sums = line.lastIndexOf("))");
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote == 0 && Space.is(c)) {
                if (!word.isEmpty()) words.add(word.toString());
                word.setLength(0);
                continue;
            }
            if (quote != '\'' && i < sums && line.startsWith("$((", i)) {
                int end = line.indexOf("))", i) + 2;
                word.append(line, i, end);
                i = end - 1;
                continue;
            }
            word.append(c);
            if (c == '\\' && quote != '\'' && i + 1 < line.length()) {
                word.append(line.charAt(++i));
            } else if (quote == 0 && line.startsWith("<<", i)) {
                word.append(line.charAt(++i));
                while (i + 1 < line.length() && " \t\r".indexOf(line.charAt(i + 1)) >= 0) word.append(line.charAt(++i));
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            }
        }
        if (!word.isEmpty()) words.add(word.toString());
        return quote == 0 ? words : List.of();
    }
}
