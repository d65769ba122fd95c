package dev.hostal.image.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads the entries of binary packages that apt on this host uses, in both forms: deb822 (`.sources`) and
/// one line each (`.list`). What is not understood is left out: apt itself complains about it.
///
/// Source: sources.list(5), deb822(5).
final class AptSources {
    private static final List<String> YES = List.of("yes", "true", "with", "on", "enable", "1");

    private AptSources() {}

    /// All entries of `etc/apt` below the root given, in the order in which apt reads them.
    static List<AptEntry> read(Path root) throws IOException {
        var apt = root.resolve("etc/apt");
        var entries = new ArrayList<AptEntry>();
        var main = apt.resolve("sources.list");
        if (Files.isReadable(main)) entries.addAll(ofLines(Files.readAllLines(main)));
        for (var file : parts(apt.resolve("sources.list.d"))) {
            var lines = Files.readAllLines(file);
            entries.addAll(file.toString().endsWith(".sources") ? ofStanzas(lines) : ofLines(lines));
        }
        return entries;
    }

    /// The one-line form: `deb [options] uri suite component...`.
    static List<AptEntry> ofLines(List<String> lines) {
        var entries = new ArrayList<AptEntry>();
        for (var line : lines) {
            var text = line.replaceFirst("#.*", "").strip();
            if (!text.startsWith("deb ") && !text.startsWith("deb\t")) continue;
            text = text.substring(4).strip();
            Map<String, String> options = Map.of();
            if (text.startsWith("[")) {
                int end = text.indexOf(']');
                if (end < 0) continue;
                options = options(text.substring(1, end));
                text = text.substring(end + 1).strip();
            }
            var words = words(text);
            if (words.size() < 2) continue;
            entries.add(new AptEntry(List.of(words.get(0)), List.of(words.get(1)), words.subList(2, words.size()),
                    Optional.ofNullable(options.get("signed-by")), false, isYes(options.get("trusted"))));
        }
        return entries;
    }

    /// The deb822 form: stanzas of fields, parted by empty lines.
    static List<AptEntry> ofStanzas(List<String> lines) {
        var entries = new ArrayList<AptEntry>();
        var stanza = new LinkedHashMap<String, String>();
        var field = "";
        for (var line : Stream.concat(lines.stream(), Stream.of("")).toList()) {
            if (line.startsWith("#")) continue;
            if (line.isBlank()) {
                ofStanza(stanza).ifPresent(entries::add);
                stanza.clear();
                field = "";
            } else if (Character.isWhitespace(line.charAt(0))) {
                stanza.computeIfPresent(field, (_, value) -> value + "\n" + line.strip());
            } else if (line.indexOf(':') > 0) {
                int colon = line.indexOf(':');
                field = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
                stanza.put(field, line.substring(colon + 1).strip());
            }
        }
        return entries;
    }

    private static Optional<AptEntry> ofStanza(Map<String, String> stanza) {
        boolean enabled = !stanza.containsKey("enabled") || isYes(stanza.get("enabled"));
        var uris = words(stanza.getOrDefault("uris", ""));
        var suites = words(stanza.getOrDefault("suites", ""));
        if (!enabled || uris.isEmpty() || suites.isEmpty()) return Optional.empty();
        if (!words(stanza.getOrDefault("types", "")).contains("deb")) return Optional.empty();
        var signedBy = stanza.getOrDefault("signed-by", "");
        boolean embedsKey = signedBy.contains("BEGIN PGP");
        return Optional.of(new AptEntry(uris, suites, words(stanza.getOrDefault("components", "")),
                embedsKey || signedBy.isEmpty() ? Optional.empty() : Optional.of(signedBy), embedsKey,
                isYes(stanza.get("trusted"))));
    }

    /// Options are parted by blanks; the value may be a list parted by commas, which stays as it is.
    private static Map<String, String> options(String text) {
        var options = new HashMap<String, String>();
        for (var option : words(text)) {
            int equals = option.indexOf('=');
            if (equals > 0) options.put(option.substring(0, equals).toLowerCase(Locale.ROOT),
                    option.substring(equals + 1));
        }
        return options;
    }

    private static boolean isYes(String value) {
        return value != null && YES.contains(value.toLowerCase(Locale.ROOT));
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private static List<Path> parts(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".list") || file.toString().endsWith(".sources"))
                    .filter(Files::isReadable)
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
