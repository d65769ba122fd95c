package dev.hostal.image.distribution;

import dev.hostal.base.Bytes;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the lists say of one version of a package. Source: deb-control(5).
///
/// @param depends each dependency without its version and architecture; of alternatives the first
record PackageStanza(String name, String version, Bytes size, List<String> depends) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]+");

    PackageStanza {
        depends = List.copyOf(depends);
    }

    /// The first stanza of the text; nothing where it has no name, version and size.
    static Optional<PackageStanza> parse(String text) {
        var fields = new HashMap<String, String>();
        for (var line : text.lines().takeWhile(line -> !line.isBlank()).toList()) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.charAt(0) != ' ') {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        if (!fields.keySet().containsAll(List.of("Package", "Version", "Size"))) return Optional.empty();
        var depends = Stream.of(fields.getOrDefault("Depends", "").split(","))
                .flatMap(dependency -> NAME.matcher(dependency).results().limit(1).map(found -> found.group()))
                .toList();
        return Optional.of(new PackageStanza(fields.get("Package"), fields.get("Version"),
                new Bytes(Long.parseLong(fields.get("Size"))), depends));
    }
}
