package dev.hostal.cli;

import dev.hostal.api.RegistryLoginV1;
import dev.hostal.client.Hostal;
import dev.hostal.login.DockerLogins;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// What this user is known by at registries: sent with the request that needs it, since the daemon may be another user.
public final class Logins {
    private Logins() {}

    /// Where this user's logins are kept.
    public static DockerLogins of(Session session) {
        return DockerLogins.of(session.env(), Path.of(session.env().getOrDefault("HOME", "/")));
    }

    /// The daemon, told what this user is known by at the registry of the image.
    public static Hostal tell(Hostal hostal, String image, Session session) throws IOException, InterruptedException {
        try {
            var found = of(session).find(ImageReference.parse(image).registry());
            return found.isPresent() ? hostal.as(wire(found.get())) : hostal;
        } catch (IllegalArgumentException _) {
            return hostal;         // The daemon will say what is wrong with the image's name.
        } catch (IOException broken) {
            session.say("Going on without a login: %s".formatted(broken.getMessage()));
            return hostal;
        }
    }

    public static RegistryLoginV1 wire(RegistryLogin login) {
        return login.isIdentityToken()
                ? new RegistryLoginV1(login.registry(), Optional.empty(), Optional.empty(), Optional.of(login.secret()))
                : new RegistryLoginV1(login.registry(), Optional.of(login.user()), Optional.of(login.secret()),
                        Optional.empty());
    }
}
