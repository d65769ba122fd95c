package dev.hostal.oci.dockerfile;

import java.util.ArrayList;
import java.util.List;

/// Words as a shell parts them: by white space that is neither quoted nor escaped. Quotes stay in the words.
final class Words {
    private Words() {}

    static List<String> split(String text, char escape) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        char quote = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && (c == ' ' || c == '\t')) {
                if (inWord) words.add(word.toString());
                word.setLength(0);
                inWord = false;
                continue;
            }
            inWord = true;
            word.append(c);
            if (c == escape && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            }
        }
        if (inWord) words.add(word.toString());
        return words;
    }

    /// The word without its quotes and escapes.
    static String unquote(String word, char escape) {
        var plain = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == escape && quote != '\'' && i + 1 < word.length()) {
                char next = word.charAt(++i);
                // Within double quotes an escape counts before what it could protect only.
                if (quote == '"' && next != '"' && next != '$' && next != escape) plain.append(c);
                plain.append(next);
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
