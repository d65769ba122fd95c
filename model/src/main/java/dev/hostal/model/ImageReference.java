package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names an image: registry, repository, and a tag or a digest. Short names follow Docker Hub's rules:
/// `debian` is `docker.io/library/debian:latest`.
///
/// Source: grammar of the distribution project's `reference` package.
///
/// @param registry host and optional port, such as `docker.io` or `localhost:5000`
/// @param repository path within the registry, such as `library/debian`
/// @param tag empty where only a digest is given
/// @param digest `sha256:` and 64 hex digits; empty where only a tag is given
public record ImageReference(String registry, String repository, Optional<String> tag, Optional<String> digest) {
    public static final String DOCKER_HUB = "docker.io";

    private static final int REPOSITORY_LENGTH_MAX = 255;
    private static final Pattern REGISTRY =
            Pattern.compile("(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
                    + "|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");
    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    public ImageReference {
        require(REGISTRY.matcher(registry).matches(), "'%s' is not a registry: a host and an optional port", registry);
        require(repository.length() <= REPOSITORY_LENGTH_MAX, "a repository has at most %d characters",
                REPOSITORY_LENGTH_MAX);
        require(REPOSITORY.matcher(repository).matches(),
                "'%s' is not a repository: lower-case letters and digits, parted by '.', '_', '-' and '/'", repository);
        tag.ifPresent(text -> require(TAG.matcher(text).matches(), "'%s' is not a tag", text));
        digest.ifPresent(text -> require(DIGEST.matcher(text).matches(),
                "'%s' is not a digest: sha256: and 64 hex digits", text));
        require(tag.isPresent() || digest.isPresent(), "an image reference has a tag or a digest");
    }

    /// Reads `debian`, `debian:12`, `user/app`, `localhost:5000/app:1`, `app@sha256:...`.
    ///
    /// @throws IllegalArgumentException the text is no image reference; the message says which part is wrong
    public static ImageReference parse(String text) {
        require(!text.isEmpty(), "an image reference is not empty");
        var rest = text;
        Optional<String> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(rest.substring(at + 1));
            rest = rest.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        if (tag.isEmpty() && digest.isEmpty()) tag = Optional.of("latest");
        int slash = rest.indexOf('/');
        var first = slash < 0 ? "" : rest.substring(0, slash);
        boolean namesRegistry = first.contains(".") || first.contains(":") || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
        var registry = namesRegistry ? first : DOCKER_HUB;
        if (registry.equals("index.docker.io")) registry = DOCKER_HUB;
        var repository = namesRegistry ? rest.substring(slash + 1) : rest;
        if (registry.equals(DOCKER_HUB) && !repository.contains("/")) repository = "library/" + repository;
        return new ImageReference(registry, repository, tag, digest);
    }

    /// The short form where there is one: `debian:12` for `docker.io/library/debian:12`.
    public String familiar() {
        var name = registry.equals(DOCKER_HUB)
                ? repository.startsWith("library/") ? repository.substring("library/".length()) : repository
                : registry + "/" + repository;
        return name + suffix();
    }

    /// The whole form: `docker.io/library/debian:12`.
    @Override public String toString() {
        return registry + "/" + repository + suffix();
    }

    private String suffix() {
        return tag.map(text -> ":" + text).orElse("") + digest.map(text -> "@" + text).orElse("");
    }
}
