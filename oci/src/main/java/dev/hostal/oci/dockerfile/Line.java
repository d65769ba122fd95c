package dev.hostal.oci.dockerfile;

import java.util.List;

/// One instruction as it stands in the text: its lines joined, its comments gone.
///
/// @param number of its first line, counted from 1
/// @param raw all its lines as they are, those of its here-documents included
record Line(int number, List<String> raw, String text, List<HereDocument> documents) {
    Line {
        raw = List.copyOf(raw);
        documents = List.copyOf(documents);
    }

    /// The number of its last line.
    int end() {
        return number + raw.size() - 1;
    }

    DockerfileException wrong(String why) {
        var first = raw.getFirst();
        return new DockerfileException(number, first, first.length() - Space.stripLeading(first).length(), why);
    }

    /// @param word the fault is where it stands first, as far as it stands in one line
    DockerfileException wrong(String word, String why) {
        for (int i = 0; i < raw.size() && !word.isEmpty(); i++) {
            int column = raw.get(i).indexOf(word);
            if (column >= 0) return new DockerfileException(number + i, raw.get(i), column, why);
        }
        return wrong(why);
    }
}
