package dev.hostal.docker.buildkit;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is said beside a call for files. Values that are not plain ASCII are written as in URLs, all of a name.
///
/// Source: moby/buildkit, session/filesync.
final class Metadata {
    private Metadata() {}

    static Map<String, List<String>> encode(Map<String, List<String>> values) {
        var encoded = new LinkedHashMap<String, List<String>>();
        values.forEach((name, all) -> {
            if (all.isEmpty()) return;
            if (all.stream().allMatch(Metadata::isPlain)) {
                encoded.put(name, all);
            } else {
                encoded.put(name, all.stream().map(value -> URLEncoder.encode(value, StandardCharsets.UTF_8)).toList());
                encoded.put(name + "-encoded", List.of("1"));
            }
        });
        return encoded;
    }

    private static boolean isPlain(String value) {
        return value.chars().allMatch(c -> c >= 0x20 && c < 0x7f) && value.equals(value.strip());
    }
}
