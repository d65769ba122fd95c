package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.model.RegistryLogin;
import java.util.Base64;

/// What a registry or its token service knows a caller by.
sealed interface Credential {
    static Credential of(RegistryLogin login) {
        return login.isIdentityToken() ? new IdentityToken(login.secret()) : new Password(login.user(), login.secret());
    }

    /// A name and its password.
    record Password(String user, String secret) implements Credential {
        String toBasic() {
            return "Basic " + Base64.getEncoder().encodeToString((user + ":" + secret).getBytes(UTF_8));
        }

        /// Without the secret.
        @Override public String toString() {
            return "password of " + user;
        }
    }

    /// A refresh token for the token service. Source: Docker registry, "OAuth2 Token Authentication".
    record IdentityToken(String token) implements Credential {
        @Override public String toString() {
            return "an identity token";
        }
    }
}
