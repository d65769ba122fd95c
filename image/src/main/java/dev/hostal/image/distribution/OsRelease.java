package dev.hostal.image.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;

/// Which distribution this host is. Source: os-release(5).
///
/// @param id such as `debian`; `linux` where the file does not say
/// @param codename such as `bookworm`; empty where the release has none, as `sid` once had
public record OsRelease(String id, String codename) {
    /// Reads the first of the two files that exists.
    static OsRelease read(Path root) throws IOException {
        for (var name : List.of("etc/os-release", "usr/lib/os-release")) {
            try {
                return parse(Files.readAllLines(root.resolve(name)));
            } catch (NoSuchFileException tryTheNext) {
                continue;
            }
        }
        return new OsRelease("linux", "");
    }

    static OsRelease parse(List<String> lines) {
        var values = new HashMap<String, String>();
        for (var line : lines) {
            int equals = line.indexOf('=');
            if (equals < 1 || line.startsWith("#")) continue;
            values.put(line.substring(0, equals).strip(), unquoted(line.substring(equals + 1).strip()));
        }
        return new OsRelease(values.getOrDefault("ID", "linux"), values.getOrDefault("VERSION_CODENAME", ""));
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && (value.startsWith("\"") && value.endsWith("\"")
                || value.startsWith("'") && value.endsWith("'"));
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
