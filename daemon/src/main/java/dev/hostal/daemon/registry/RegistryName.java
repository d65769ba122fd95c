package dev.hostal.daemon.registry;

import dev.hostal.model.ImageReference;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a path below `/v2/` asks for.
///
/// @param repository with a tag or a digest that means nothing where a blob is asked for
/// @param kind `manifests` or `blobs`
/// @param wanted a tag or a digest
record RegistryName(ImageReference repository, String kind, String wanted) {
    private static final Pattern PATH = Pattern.compile("/v2/(.{1,300})/(manifests|blobs)/([A-Za-z0-9_:.-]{1,200})");

    /// Understands three ways to name the registry that is meant: `ns`, as containerd sends it; the first part of the
    /// path, where it looks like a host; else Docker Hub, as docker means it when it asks a mirror.
    ///
    /// @return empty where it is none of these
    static Optional<RegistryName> parse(String path, Optional<String> namespace) {
        var matcher = PATH.matcher(path);
        if (!matcher.matches()) return Optional.empty();
        try {
            var wanted = matcher.group(3);
            var suffix = matcher.group(2).equals("blobs") ? "" : wanted.startsWith("sha256:") ? "@" + wanted : ":" + wanted;
            var name = matcher.group(1);
            if (name.contains(":") || name.contains("@")) return Optional.empty();
            var full = namespace.filter(text -> !text.isEmpty()).map(registry -> registry + "/" + name).orElse(name);
            return Optional.of(new RegistryName(ImageReference.parse(full + suffix), matcher.group(2), wanted));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
