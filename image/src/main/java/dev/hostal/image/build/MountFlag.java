package dev.hostal.image.build;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `RUN --mount=type=…,…`. Source: Dockerfile reference, "RUN --mount".
///
/// @param type `bind`, `cache`, `tmpfs`, `secret` or `ssh`
record MountFlag(String type, Map<String, String> options) {
    private static final Map<String, List<String>> OPTIONS = Map.of(
            "bind", List.of("target", "source", "from", "readwrite", "readonly"),
            "cache", List.of("id", "target", "readonly", "readwrite", "sharing", "from", "source", "mode", "uid", "gid"),
            "tmpfs", List.of("target", "size"),
            "secret", List.of("id", "target", "required", "mode", "uid", "gid", "env"),
            "ssh", List.of("id", "target", "required", "mode", "uid", "gid"));
    private static final Map<String, String> OTHER_NAMES = Map.of("dst", "target", "destination", "target", "src", "source",
            "rw", "readwrite", "ro", "readonly");

    /// @throws BuildException it is none
    static MountFlag parse(String text) {
        var options = new LinkedHashMap<String, String>();
        for (var part : text.split(",")) {
            int equals = part.indexOf('=');
            var name = (equals < 0 ? part : part.substring(0, equals)).strip().toLowerCase(java.util.Locale.ROOT);
            var value = equals < 0 ? "true" : part.substring(equals + 1);
            options.put(OTHER_NAMES.getOrDefault(name, name), value);
        }
        var type = Optional.ofNullable(options.remove("type")).orElse("bind");
        var known = OPTIONS.get(type);
        if (known == null) throw new BuildException("unsupported mount type \"%s\": bind, cache, tmpfs, secret, ssh".formatted(type));
        for (var name : options.keySet()) {
            if (!known.contains(name)) throw new BuildException("unexpected key '%s' in '%s': a mount of type %s knows %s"
                    .formatted(name, text, type, String.join(", ", known)));
        }
        if (!options.containsKey("target") && !type.equals("secret") && !type.equals("ssh")) throw new BuildException(
                "a mount of type %s needs a target".formatted(type));
        return new MountFlag(type, Map.copyOf(options));
    }

    Optional<String> from() {
        return Optional.ofNullable(options.get("from"));
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(options.get(name));
    }

    boolean is(String name) {
        return find(name).filter(value -> value.equals("true") || value.equals("1")).isPresent();
    }
}
