package dev.hostal.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.util.Base64;
import java.util.Optional;

/// What somebody is known by at a registry: body of `POST /v1/registry-logins`, and, as a header, what a pull, a push or
/// the creation of an instance may use. It is never kept, logged or journalled.
///
/// @param username with `password`; otherwise there is an `identityToken`
public record RegistryLoginV1(String registry, Optional<String> username, Optional<String> password,
        Optional<String> identityToken) {
    /// Its value is the Base64 of the JSON object.
    public static final String HEADER = "Hostal-Registry-Login";

    public JsonObject toJson() {
        return new JsonObject().put("registry", registry).putIfPresent("username", username)
                .putIfPresent("password", password).putIfPresent("identityToken", identityToken);
    }

    public static RegistryLoginV1 from(JsonObject json) {
        json.onlyMembers("registry", "username", "password", "identityToken");
        return new RegistryLoginV1(json.text("registry"), json.findText("username"), json.findText("password"),
                json.findText("identityToken"));
    }

    public String toHeader() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(toJson().toText().getBytes(UTF_8));
    }

    /// @throws JsonException the text is no login
    public static RegistryLoginV1 fromHeader(String text) {
        try {
            return from(JsonObject.parse(new String(Base64.getUrlDecoder().decode(text), UTF_8)));
        } catch (IllegalArgumentException e) {
            throw new JsonException("", "is not Base64");
        }
    }

    /// Without the secret.
    @Override public String toString() {
        return "login at " + registry;
    }
}
