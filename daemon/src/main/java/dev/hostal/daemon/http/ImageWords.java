package dev.hostal.daemon.http;

import dev.hostal.api.RegistryLoginV1;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonException;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.ImageExchange.Compression;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What requests say of images and registries, as the domain has it.
final class ImageWords {
    private ImageWords() {}

    static Compression compression(Optional<String> text, Compression otherwise) {
        if (text.isEmpty()) return otherwise;
        for (var known : Compression.values()) {
            if (word(known).equals(text.get())) return known;
        }
        throw Problem.badMember("compression", "The compression of layers is one of %s, not '%s'.".formatted(
                String.join(", ", Arrays.stream(Compression.values()).map(ImageWords::word).toList()), text.get()));
    }

    private static String word(Compression compression) {
        return compression.name().toLowerCase(Locale.ROOT);
    }

    /// The login that the request carries.
    ///
    /// @throws Problem BAD_REQUEST; without what the header held
    static Optional<RegistryLogin> login(Call call) {
        var header = call.request().getHeaders().get(RegistryLoginV1.HEADER);
        if (header == null) return Optional.empty();
        try {
            return Optional.of(login(RegistryLoginV1.fromHeader(header)));
        } catch (JsonException _) {
            throw Problem.badMember(RegistryLoginV1.HEADER, "The header %s holds no login.".formatted(
                    RegistryLoginV1.HEADER));
        }
    }

    static RegistryLogin login(RegistryLoginV1 body) {
        boolean password = body.username().isPresent() && body.password().isPresent();
        if (password == body.identityToken().isPresent()) throw Problem.badMember("password",
                "A login has a username and a password, or an identityToken.");
        try {
            var registry = ImageReference.parse(body.registry() + "/any").registry();
            if (!registry.equals(body.registry()) && !body.registry().equals("index.docker.io")) {
                throw new IllegalArgumentException("'%s' is not a registry: a host and an optional port".formatted(
                        body.registry()));
            }
            return new RegistryLogin(registry, body.username().orElse(""),
                    body.identityToken().or(body::password).orElseThrow());
        } catch (IllegalArgumentException e) {
            throw Problem.badMember("registry", "The login is wrong: %s.".formatted(e.getMessage()));
        }
    }
}
