package dev.hostal.oci.dockerfile;

import java.util.List;
import java.util.Map;

/// A Dockerfile as a tree.
///
/// @param directives `syntax`, `escape` and `check`, as far as they are given
public record Dockerfile(Map<String, String> directives, char escape, List<Step> steps) {
    /// An instruction and where it stands.
    ///
    /// @param line its first, counted from 1
    /// @param text as written, its lines joined
    public record Step(int line, int end, String text, Instruction instruction) {}

    public Dockerfile {
        steps = List.copyOf(steps);
    }

    /// @throws DockerfileException with the line and what was expected
    public static Dockerfile parse(String text) {
        return DockerfileParser.parse(DockerfileText.parse(text));
    }
}
