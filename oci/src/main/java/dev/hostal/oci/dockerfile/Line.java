package dev.hostal.oci.dockerfile;

import java.util.List;

/// One instruction as it stands in the text: its lines joined, its comments gone.
///
/// @param number of its first line, counted from 1
/// @param end number of its last line, that of its here-documents included
/// @param first text of its first line, for messages
record Line(int number, int end, String first, String text, List<HereDocument> documents) {
    DockerfileException wrong(String why) {
        return new DockerfileException(number, first, Math.max(0, first.indexOf(first.strip())), why);
    }

    /// @param word the fault is where it stands in the first line, as far as it does
    DockerfileException wrong(String word, String why) {
        return new DockerfileException(number, first, Math.max(0, first.indexOf(word)), why);
    }
}
