package dev.hostal.oci.registry;

import static dev.hostal.base.Check.require;

import dev.hostal.model.ImageReference;

/// A place that has copies of what a registry has, asked before it.
///
/// @param host with its port, where it has one
/// @param prefix what its repositories begin with; empty, or with a slash at its end
/// @param plain without TLS
public record Mirror(String host, String prefix, boolean plain) {
    /// Reads `mirror.example`, `http://10.0.0.5:5000` or `https://cache.example/docker.io`.
    ///
    /// @throws IllegalArgumentException it is none of these
    public static Mirror parse(String text) {
        boolean plain = text.startsWith("http://");
        var rest = text.replaceFirst("^https?://", "").replaceFirst("/+$", "");
        int slash = rest.indexOf('/');
        var host = slash < 0 ? rest : rest.substring(0, slash);
        var prefix = slash < 0 ? "" : rest.substring(slash + 1) + "/";
        require(!host.isEmpty() && !text.contains("@"), "'%s' is no mirror: a host, and a path where it needs one", text);
        var mirror = new Mirror(host, prefix, plain);
        mirror.of(ImageReference.parse("any"));
        return mirror;
    }

    /// The same image as the mirror calls it.
    ImageReference of(ImageReference reference) {
        return new ImageReference(host, prefix + reference.repository(), reference.tag(), reference.digest());
    }
}
