package dev.hostal.oci.dockerfile;

import java.util.ArrayList;
import java.util.List;

/// The words of an instruction. Source: BuildKit's parser, which parts some of them as a shell does, others plainly.
final class Words {
    private Words() {}

    /// By white space that is neither quoted nor escaped. Quotes stay in the words.
    static List<String> split(String text, char escape) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && Space.is(c)) {
                if (!word.isEmpty()) words.add(word.toString());
                word.setLength(0);
                continue;
            }
            if (c == escape && quote != '\'') {
                // One at the end escapes nothing.
                if (i + 1 < text.length()) word.append(c).append(text.charAt(++i));
                continue;
            }
            word.append(c);
            if (quote == 0 && (c == '"' || c == '\'')) quote = c;
            else if (c == quote) quote = 0;
        }
        if (!word.isEmpty()) words.add(word.toString());
        return words;
    }

    /// By white space, whatever is quoted.
    static List<String> plain(String text) {
        var words = new ArrayList<String>();
        int begin = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean inWord = i < text.length() && !Space.parts(text.charAt(i));
            if (inWord && begin < 0) begin = i;
            if (!inWord && begin >= 0) {
                words.add(text.substring(begin, i));
                begin = -1;
            }
        }
        return words;
    }

    /// What comes before the first white space, and what comes after it; the latter empty where there is none.
    static String[] head(String text) {
        int end = 0;
        while (end < text.length() && !Space.parts(text.charAt(end))) end++;
        return new String[] {text.substring(0, end), Space.strip(text.substring(end))};
    }
}
