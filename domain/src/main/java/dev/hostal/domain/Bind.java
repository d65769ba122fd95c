package dev.hostal.domain;

import static dev.hostal.base.Check.require;

import java.nio.file.Path;

/// A file or folder of the host that a domain sees.
///
/// @param source absolute, exists when the domain starts
/// @param target absolute path in the domain
public record Bind(Path source, String target, boolean writable) {
    public Bind {
        require(source.isAbsolute(), "the source of a bind is absolute: %s", source);
        require(target.startsWith("/") && !target.contains("/../") && !target.endsWith("/.."),
                "the target of a bind is absolute and has no '..': %s", target);
    }

    /// The same path inside as outside.
    public static Bind readOnly(Path path) {
        return new Bind(path, path.toString(), false);
    }

    /// The same path inside as outside.
    public static Bind writable(Path path) {
        return new Bind(path, path.toString(), true);
    }
}
