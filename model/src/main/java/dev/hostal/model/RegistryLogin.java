package dev.hostal.model;

import static dev.hostal.base.Check.require;

/// What somebody is known by at one registry. Held in memory as long as a request needs it, and never written down.
///
/// @param registry host and optional port, such as `docker.io`
/// @param user empty where the secret is an identity token
/// @param secret a password, or an identity token for the registry's token service
public record RegistryLogin(String registry, String user, String secret) {
    private static final int TEXT_LENGTH_MAX = 64 << 10;

    public RegistryLogin {
        require(!registry.isEmpty() && registry.length() <= 300, "a login is for a registry");
        require(!secret.isEmpty() && secret.length() <= TEXT_LENGTH_MAX, "a login has a password or an identity token");
        require(user.indexOf(':') < 0 && user.length() <= TEXT_LENGTH_MAX, "the name of a user has no colon");
    }

    public boolean isIdentityToken() {
        return user.isEmpty();
    }

    /// Without the secret.
    @Override public String toString() {
        return "login of %s at %s".formatted(user.isEmpty() ? "an identity token" : user, registry);
    }
}
