package dev.hostal.docker;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// What a client sends to be known by at a registry: the header `X-Registry-Auth`, or the body of `/auth`.
///
/// Source: Docker Engine API, "Authentication" and definition AuthConfig.
final class Logins {
    private Logins() {}

    /// The login for the registry of an image; empty where the client sends none.
    static Optional<RegistryLogin> of(Exchange exchange, ImageReference image) {
        return of(exchange, image.registry());
    }

    static Optional<RegistryLogin> of(Exchange exchange, String registry) {
        var header = exchange.request().getHeaders().get("X-Registry-Auth");
        if (header == null || header.isBlank()) return Optional.empty();
        try {
            var text = new String(Base64.getUrlDecoder().decode(header.strip().replace('+', '-').replace('/', '_')),
                    StandardCharsets.UTF_8);
            return text.isBlank() ? Optional.empty() : of(JsonObject.parse(text), registry);
        } catch (IllegalArgumentException | JsonException e) {
            throw new Refusal(400, "invalid X-Registry-Auth header: " + e.getMessage());
        }
    }

    static Optional<RegistryLogin> of(JsonObject auth, String registry) {
        var user = auth.findText("username").orElse("");
        var secret = auth.findText("password").orElse("");
        var token = auth.findText("identitytoken").orElse("");
        if (!token.isEmpty()) return Optional.of(new RegistryLogin(registry, "", token));
        if (user.isEmpty() || secret.isEmpty()) return Optional.empty();
        return Optional.of(new RegistryLogin(registry, user, secret));
    }

    /// The registry that a server's address means.
    static String registry(String address) {
        var host = address.replaceAll("^https?://", "").replaceAll("/.*$", "");
        return host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")
                ? ImageReference.DOCKER_HUB : host;
    }
}
